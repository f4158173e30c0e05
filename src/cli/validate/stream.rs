//! NDJSON of any length in constant memory: blocks of whole lines, judged on all cores, printed in order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use super::document;
use super::inputs::Input;
use super::judged::Judged;
use crate::fhir::json::ParseError;
use crate::validate::Validator;

/// Bytes of a block, unless one line is longer.
const BLOCK: usize = 256 * 1024;
/// Longest line that is judged, in bytes.
const MOST_IN_LINE: usize = 256 * 1024 * 1024;

/// Whole lines.
struct Block {
    number: usize,
    /// Line of the file on which it begins, from 1.
    first_line: usize,
    bytes: Vec<u8>,
    /// The block stands for one line that is too long, whose bytes were not kept.
    is_too_long: bool,
}

/// Judges a file or standard input line by line. Standard input may also be one document. Every resource goes to `write`, in order.
pub fn judge(input: &Input, validator: &Validator, write: &mut (dyn FnMut(Judged) + Send)) -> io::Result<()> {
    let (reader, length): (Box<dyn Read + Send>, Option<u64>) = match &input.path {
        Some(path) => {
            let file = File::open(path)?;
            let length = file.metadata().ok().map(|metadata| metadata.len());
            (Box::new(file), length)
        }
        None => (Box::new(io::stdin()), None),
    };
    let progress = progress(length);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    // A permit goes with each block from reading to printing, so that a slow block does not let the others pile up.
    let (permits, permit) = sync_channel::<()>(workers * 4);
    for _ in 0..workers * 4 {
        permits.try_send(()).unwrap_or_default();
    }
    let (to_workers, blocks) = sync_channel::<Block>(workers);
    let (to_writer, results) = sync_channel::<(usize, Vec<Judged>)>(workers * 4);
    let blocks = Mutex::new(blocks);
    let is_stream = input.path.is_some();
    thread::scope(|scope| {
        let cutter = Reader::new(reader, is_stream, progress.clone());
        let reading = scope.spawn(move || cutter.run(&to_workers, &permit));
        for _ in 0..workers {
            let (sender, blocks) = (to_writer.clone(), &blocks);
            scope.spawn(move || work(&input.name, validator, blocks, &sender));
        }
        drop(to_writer);
        in_order(&results, &permits, write);
        progress.finish_and_clear();
        reading.join().unwrap_or_else(|_| Err(io::Error::other("reading stopped")))
    })
}

fn progress(length: Option<u64>) -> ProgressBar {
    let Some(length) = length.filter(|_| io::stderr().is_terminal()) else { return ProgressBar::hidden() };
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}") {
        bar.set_style(style);
    }
    bar
}

fn work(file: &str, validator: &Validator, blocks: &Mutex<Receiver<Block>>, sender: &SyncSender<(usize, Vec<Judged>)>) {
    loop {
        let block = blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok(block) = block else { return };
        let mut judged = Vec::new();
        if block.is_too_long {
            let message = format!("the line is longer than {MOST_IN_LINE} bytes");
            judged.push(Judged::unreadable(file, Some(block.first_line), &ParseError { line: 1, column: 1, message }));
        }
        let is_document = block.number == 0 && block.first_line == 0;
        if is_document {
            document::judge_text(file, None, &block.bytes, validator, &mut |one| judged.push(one));
        } else {
            for (offset, line) in block.bytes.split(|byte| *byte == b'\n').enumerate() {
                if !line.trim_ascii().is_empty() {
                    document::judge_text(file, Some(block.first_line + offset), line, validator, &mut |one| judged.push(one));
                }
            }
        }
        if sender.send((block.number, judged)).is_err() {
            return;
        }
    }
}

fn in_order(results: &Receiver<(usize, Vec<Judged>)>, permits: &SyncSender<()>, write: &mut dyn FnMut(Judged)) {
    let mut waiting: BTreeMap<usize, Vec<Judged>> = BTreeMap::new();
    let mut next = 0;
    for (number, judged) in results {
        waiting.insert(number, judged);
        while let Some(judged) = waiting.remove(&next) {
            judged.into_iter().for_each(&mut *write);
            next += 1;
            permits.try_send(()).unwrap_or_default();
        }
    }
}

/// Cuts the input into blocks.
struct Reader {
    source: Box<dyn Read + Send>,
    is_stream: bool,
    progress: ProgressBar,
    number: usize,
    line: usize,
}

impl Reader {
    fn new(source: Box<dyn Read + Send>, is_stream: bool, progress: ProgressBar) -> Self {
        Self { source, is_stream, progress, number: 0, line: 1 }
    }

    fn run(mut self, sender: &SyncSender<Block>, permit: &Receiver<()>) -> io::Result<()> {
        let mut held: Vec<u8> = Vec::new();
        let mut wanted = BLOCK;
        loop {
            let before = held.len();
            self.source.by_ref().take((wanted - before.min(wanted)) as u64).read_to_end(&mut held)?;
            self.progress.inc((held.len() - before) as u64);
            let is_end = held.len() < wanted;
            if self.number == 0 && !self.is_stream && !is_lines(&held) {
                return self.document(held, sender);
            }
            let cut = if is_end { held.len() } else { held.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1) };
            if cut > 0 || is_end {
                let rest = held.split_off(cut);
                if !self.send(held, false, sender, permit) || is_end {
                    return Ok(());
                }
                held = rest;
                wanted = BLOCK.max(held.len() + BLOCK / 2);
            } else if held.len() >= MOST_IN_LINE {
                held = self.skip_line()?;
                if !self.send(Vec::new(), true, sender, permit) {
                    return Ok(());
                }
                self.line += 1;
                wanted = BLOCK.max(held.len() + BLOCK / 2);
            } else {
                wanted = (wanted * 2).min(MOST_IN_LINE);
            }
        }
    }

    /// Passes over the rest of a line; what was read of the next one comes back.
    fn skip_line(&mut self) -> io::Result<Vec<u8>> {
        let mut block = vec![0; BLOCK];
        loop {
            let count = self.source.read(&mut block)?;
            let read = block.get(..count).unwrap_or_default();
            if count == 0 {
                return Ok(Vec::new());
            }
            if let Some(newline) = read.iter().position(|byte| *byte == b'\n') {
                return Ok(read.get(newline + 1..).unwrap_or_default().to_vec());
            }
        }
    }

    /// Standard input that does not look like NDJSON is one document.
    fn document(mut self, mut held: Vec<u8>, sender: &SyncSender<Block>) -> io::Result<()> {
        self.source.by_ref().take(MOST_IN_LINE as u64).read_to_end(&mut held)?;
        drop(sender.send(Block { number: 0, first_line: 0, bytes: held, is_too_long: false }));
        Ok(())
    }

    fn send(&mut self, bytes: Vec<u8>, is_too_long: bool, sender: &SyncSender<Block>, permit: &Receiver<()>) -> bool {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        let block = Block { number: self.number, first_line: self.line, bytes, is_too_long };
        self.number += 1;
        self.line += lines;
        permit.recv().is_ok() && sender.send(block).is_ok()
    }
}

/// Whether the first line is a whole JSON object and another one follows.
fn is_lines(start: &[u8]) -> bool {
    let Some(newline) = start.iter().position(|byte| *byte == b'\n') else { return false };
    let (first, rest) = start.split_at(newline);
    let next = rest.trim_ascii_start().first();
    let (first, last) = (first.trim_ascii().first(), first.trim_ascii().last());
    first == Some(&b'{') && last == Some(&b'}') && matches!(next, None | Some(b'{'))
}
