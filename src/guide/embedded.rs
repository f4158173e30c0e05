//! The catalogues inside this program, opened when first asked for and then shared.

use std::sync::{Arc, OnceLock};

use super::error::GuideError;
use super::facts::{GuideFacts, GuideId};
use super::index::Row;
use super::shelf::{Block, Shelf, inflate};

/// One package as the build script packed it.
struct Embedded {
    package: &'static str,
    version: &'static str,
    guide: &'static str,
    index: &'static [u8],
    index_length: usize,
    blocks: &'static [u8],
    /// Start, packed length and unpacked length of each block.
    extents: &'static [(usize, usize, usize)],
}

static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// What is embedded, in the order of package and version.
pub fn ids() -> Vec<GuideId> {
    EMBEDDED.iter().map(|embedded| GuideId::new(embedded.package, embedded.version)).collect()
}

/// What is embedded, with the canonical URL that those of each guide's resources begin with.
pub fn canonicals() -> &'static [(GuideId, String)] {
    static CANONICALS: OnceLock<Vec<(GuideId, String)>> = OnceLock::new();
    CANONICALS.get_or_init(|| {
        let guides = EMBEDDED.iter().filter_map(|embedded| serde_json::from_str::<GuideFacts>(embedded.guide).ok());
        guides.filter_map(|guide| Some((GuideId::new(guide.id, guide.version), guide.canonical?))).collect()
    })
}

/// The embedded catalogue of a package.
///
/// # Errors
/// What is embedded cannot be read.
pub fn shelf(id: &GuideId) -> Result<Option<Arc<Shelf>>, GuideError> {
    static SHELVES: OnceLock<Vec<OnceLock<Arc<Shelf>>>> = OnceLock::new();
    let Some(position) = EMBEDDED.iter().position(|embedded| embedded.package == id.package && embedded.version == id.version) else {
        return Ok(None);
    };
    let shelves = SHELVES.get_or_init(|| EMBEDDED.iter().map(|_| OnceLock::new()).collect());
    let (Some(slot), Some(embedded)) = (shelves.get(position), EMBEDDED.get(position)) else { return Ok(None) };
    if let Some(shelf) = slot.get() {
        return Ok(Some(Arc::clone(shelf)));
    }
    let opened = Arc::new(embedded.open().map_err(|reason| GuideError::Embedded { guide: id.clone(), reason })?);
    Ok(Some(Arc::clone(slot.get_or_init(|| opened))))
}

impl Embedded {
    fn open(&self) -> Result<Shelf, String> {
        let guide = serde_json::from_str(self.guide).map_err(|error| error.to_string())?;
        let index = String::from_utf8(inflate(self.index, self.index_length)).map_err(|error| error.to_string())?;
        let rows: Option<Vec<Row>> = index.lines().map(Row::read).collect();
        let rows = rows.filter(|rows| !rows.is_empty()).ok_or("its index is damaged")?;
        let blocks = self.extents.iter().map(|(start, packed, length)| {
            let packed = self.blocks.get(*start..).and_then(|rest| rest.get(..*packed));
            packed.map(|packed| Block::Packed { packed, length: *length, open: OnceLock::new() })
        });
        let blocks: Option<Vec<Block>> = blocks.collect();
        Ok(Shelf::new(guide, true, rows, blocks.ok_or("a block is missing")?))
    }
}
