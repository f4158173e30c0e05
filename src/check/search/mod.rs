//! Rules about search.

pub mod count_only;
pub mod empty;
pub mod full_url;
pub mod include;
pub mod included_only;
pub mod mode;
pub mod no_duplicates;
pub mod no_foreign_types;
pub mod page_size;
pub mod paging;
pub mod precision;
pub mod recall;
pub mod rev_include;
pub mod same_by_post;
pub mod searchset;
pub mod self_link;
pub mod sorted;
pub mod system;
pub mod total;
