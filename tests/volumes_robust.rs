//! No damage to a file of voxels makes a reader panic, hang, or take memory that the file cannot account for.
#![cfg(feature = "readers")]
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tds_inversion::data::selection::{Along, AxisSpec, Letter, Selection};
use tds_inversion::formats::volume::{Bytes, Opened, SharedSource, open};

/// Counts what is held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is passed on to the system's allocator; beside that, numbers are added.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as this function itself.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as this function itself.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A file of 50 kB may unpack to 1100 times as much, and an array of that is kept once or twice.
const MOST_MEMORY: usize = 400 << 20;

const LONGEST: Duration = Duration::from_secs(1);

/// Axes for arrays without any.
fn axes(shape: &[usize]) -> Selection {
    let letters = [Letter::H, Letter::K, Letter::L];
    let axis = |(letter, count): (&Letter, &usize)| AxisSpec {
        along: Along::Named(*letter),
        limits: (*count > 1).then_some([0.0, 1.0]),
        first: None,
        step: None,
        values: (*count == 1).then(|| vec![0.0]),
    };
    let list = letters.iter().zip(shape).map(axis).collect();
    Selection { axes: Some(list), origin: Some([0.0; 3]), ..Selection::default() }
}

/// Reads whatever there is; what it came to.
fn read(name: &str, bytes: &[u8], beside: &[SharedSource]) -> tds_inversion::Result<usize> {
    let mut sources = vec![Bytes::shared(name, bytes.to_vec())];
    sources.extend_from_slice(beside);
    match open(&sources).map_err(|refusal| refusal.error)? {
        Opened::Points(set) => Ok(set.hkl.len()),
        Opened::Volume(volume) => {
            let about = volume.description();
            let selection = if about.axes.is_none() { axes(&about.shape) } else { Selection::default() };
            let mut loading = volume.load(selection)?;
            while !loading.is_done() {
                loading.advance()?;
            }
            Ok(loading.finish()?.0.used().count())
        }
    }
}

fn check(name: &str, bytes: &[u8], beside: &[SharedSource], what: &str) -> bool {
    MOST.store(HELD.load(Ordering::Relaxed), Ordering::Relaxed);
    let before = HELD.load(Ordering::Relaxed);
    let timed = || {
        let start = Instant::now();
        (read(name, bytes, beside), start.elapsed())
    };
    let (found, mut time) = timed();
    let taken = MOST.load(Ordering::Relaxed).saturating_sub(before);
    // What hangs does so again; a machine busy with something else does not.
    for _ in 0..2 {
        if time >= LONGEST {
            time = timed().1;
        }
    }
    assert!(time < LONGEST, "{name}, {what}: {time:?}");
    assert!(taken < MOST_MEMORY, "{name}, {what}: {taken} bytes");
    if let Err(error) = &found {
        let said = error.to_string();
        assert!(said.contains(", expected ") && !said.contains('\n'), "{name}, {what}: {said}");
    }
    found.is_ok()
}

#[test]
fn damaged_files_are_refused_or_read_in_bounds() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(Result::unwrap)
        // Crystals and force constants have folders and a test of their own.
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".py"))
        .collect();
    names.sort();
    // TDS_ONLY picks fixtures, TDS_FLIPS the number of damages to each.
    let only = std::env::var("TDS_ONLY").unwrap_or_default();
    let flips: usize = std::env::var("TDS_FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below
    };
    for name in names.iter().filter(|name| name.contains(&only)) {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let beside: Vec<SharedSource> = match name.as_str() {
            "nxrefine_parent.nxs" => {
                vec![Bytes::shared("transform.nxs", std::fs::read(folder.join("transform.nxs")).unwrap())]
            }
            _ => vec![],
        };
        for part in 0..50 {
            let end = bytes.len() * part / 50;
            check(name, &bytes[..end], &beside, &format!("cut at {end}"));
        }
        // The large ones take longer each.
        let flips = if bytes.len() > 100_000 { flips / 10 } else { flips };
        for n in 0..flips {
            let mut damaged = bytes.clone();
            for _ in 0..=n % 3 {
                let at = random(damaged.len());
                damaged[at] = match random(4) {
                    0 => 0,
                    1 => 255,
                    _ => random(256) as u8,
                };
            }
            check(name, &damaged, &beside, &format!("damage {n}"));
        }
    }
}
