//! What a file is, by its content: names do not decide. The page and `tds` both ask here.

use std::borrow::Cow;

use crate::crystal::elements::element_of;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A job, JSON.
    Job,
    /// The result of a fit, JSON; it holds its job.
    Result,
    /// phonopy.yaml in any of its names.
    Phonopy,
    /// POSCAR.
    Crystal,
    /// FORCE_CONSTANTS.
    Constants,
    /// A table of numbers, or anything else that is text.
    Data,
    /// A crystal as CIF.
    Cif,
    /// Voxels of reciprocal space: HDF5, NumPy, TIFF.
    Volume,
    /// Force constants in real space that Quantum ESPRESSO's q2r wrote, with their crystal.
    QuantumEspresso,
    /// Force constants of TDEP, or of ABINIT in its layout.
    Tdep,
    /// Born charges and dielectric tensor, phonopy's BORN.
    Born,
    /// phonopy's force_constants.hdf5.
    ConstantsHdf5,
    /// Packed: to be unpacked first.
    Archive,
    /// Bytes that are no text.
    Binary,
}

impl Kind {
    /// The word for it, as the page knows it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Job => "job",
            Kind::Result => "result",
            Kind::Phonopy => "phonopy",
            Kind::Crystal => "crystal",
            Kind::Constants => "constants",
            Kind::Data => "data",
            Kind::Cif => "cif",
            Kind::Volume => "volume",
            Kind::QuantumEspresso => "quantum-espresso",
            Kind::Tdep => "tdep",
            Kind::Born => "born",
            Kind::ConstantsHdf5 => "constants-hdf5",
            Kind::Archive => "archive",
            Kind::Binary => "binary",
        }
    }

    /// What it is, as it may stand in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Job => "a job",
            Kind::Result => "the result of a fit",
            Kind::Phonopy => "a phonopy.yaml",
            Kind::Crystal => "a POSCAR",
            Kind::Constants => "a FORCE_CONSTANTS",
            Kind::Data => "a table, or text of another kind",
            Kind::Cif => "a CIF",
            Kind::Volume => "a volume or a plane of voxels",
            Kind::QuantumEspresso => "a force-constant file of Quantum ESPRESSO",
            Kind::Tdep => "a force-constant file of TDEP",
            Kind::Born => "a BORN file",
            Kind::ConstantsHdf5 => "a force_constants.hdf5",
            Kind::Archive => "a packed file",
            Kind::Binary => "no text",
        }
    }

    /// Whether the readers translate it into what the engine reads (`formats::canonical`).
    pub fn is_foreign(self) -> bool {
        matches!(self, Kind::Cif | Kind::QuantumEspresso | Kind::Tdep | Kind::ConstantsHdf5 | Kind::Archive)
    }

    /// Whether it is text that holds a crystal, force constants or charges, and so no job.
    pub fn is_of_a_crystal(self) -> bool {
        let own = matches!(self, Kind::Phonopy | Kind::Crystal | Kind::Constants | Kind::Born);
        own || (self.is_foreign() && !matches!(self, Kind::ConstantsHdf5 | Kind::Archive))
    }
}

/// Archives and other binary files by their first bytes: the bytes, whether it is an archive, what it is.
const MAGIC: [(&[u8], bool, &str); 14] = [
    (b"\xFD7zXZ\0", true, "a file packed by xz"),
    (b"\x1F\x8B", true, "a file packed by gzip"),
    (b"BZh", true, "a file packed by bzip2"),
    (b"\x28\xB5\x2F\xFD", true, "a file packed by zstd"),
    (b"7z\xBC\xAF\x27\x1C", true, "a 7z archive"),
    (b"PK\x03\x04", true, "a zip archive (or a spreadsheet, or NPZ)"),
    (b"\x89HDF", false, "an HDF5 file"),
    (b"\x93NUMPY", false, "an array of NumPy"),
    (b"II*\0", false, "a TIFF picture"),
    (b"MM\0*", false, "a TIFF picture"),
    (b"II+\0", false, "a TIFF picture"),
    (b"MM\0+", false, "a TIFF picture"),
    (b"\x89PNG", false, "a PNG picture"),
    (b"%PDF", false, "a PDF"),
];

/// What a binary file is, and what is expected instead; `None` for what may be text.
pub(crate) fn binary(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let (_, archive, what) = MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic))?;
    Some((what, if *archive { "the file unpacked" } else { "a text file in UTF-8" }))
}

/// Formats of volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VolumeFormat {
    Hdf5,
    Npy,
    Npz,
    Tiff,
}

/// Which format of volumes the first bytes of a file are in.
pub(crate) fn volume_format(bytes: &[u8]) -> Option<VolumeFormat> {
    // A block of the user's own may stand before HDF5.
    let hdf5 = [0, 512, 1024, 2048]
        .iter()
        .any(|at| bytes.get(*at..).is_some_and(|b| b.starts_with(b"\x89HDF\r\n\x1a\n")));
    if hdf5 || bytes.starts_with(b"\x89HDF") {
        return Some(VolumeFormat::Hdf5);
    }
    if bytes.starts_with(NUMPY) {
        return Some(VolumeFormat::Npy);
    }
    if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic)) {
        return Some(VolumeFormat::Tiff);
    }
    // The name of the first file in the archive.
    let length = usize::from(*bytes.get(26)?) | usize::from(*bytes.get(27)?) << 8;
    let name = bytes.get(30..)?.get(..length)?;
    (bytes.starts_with(b"PK\x03\x04") && name.ends_with(b".npy")).then_some(VolumeFormat::Npz)
}

/// With what an array of NumPy begins.
const NUMPY: &[u8] = b"\x93NUMPY";

/// So many bytes decide.
pub(crate) const LOOKED_AT: usize = 20_000;

/// What the file is.
pub fn recognise(bytes: &[u8]) -> Kind {
    if is_constants_hdf5(bytes) {
        return Kind::ConstantsHdf5;
    }
    if volume_format(bytes).is_some() {
        return Kind::Volume;
    }
    if let Some((_, archive, _)) = MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return if *archive { Kind::Archive } else { Kind::Binary };
    }
    let mut head = &bytes[..bytes.len().min(LOOKED_AT)];
    if head.len() < bytes.len() && bytes.starts_with(&[0xFF, 0xFE]) {
        head = &head[..head.len() & !1];
    }
    let text = match super::decode("", head) {
        Ok(text) => text,
        // Latin-1, or a character cut in two at the end.
        Err(_) if !head.contains(&0) => String::from_utf8_lossy(head),
        Err(_) => return Kind::Binary,
    };
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), |rest| Cow::Owned(rest.to_owned()));
    if text.trim_start().starts_with('{') {
        return if is_result(&text) || is_result(&String::from_utf8_lossy(bytes)) {
            Kind::Result
        } else {
            Kind::Job
        };
    }
    let lines: Vec<&str> = text.split(['\n', '\r']).filter(|l| !l.is_empty()).collect();
    let begins = |words: &[&str]| lines.iter().any(|line| words.iter().any(|word| line.starts_with(word)));
    if begins(&["phonopy:", "unit_cell:", "primitive_cell:", "supercell_matrix:", "supercell:"]) {
        return Kind::Phonopy;
    }
    if is_cif(&lines) {
        return Kind::Cif;
    }
    // A blank line counts in a POSCAR: its first one may be empty.
    let all: Vec<&str> = text.lines().collect();
    if is_poscar(&all) {
        return Kind::Crystal;
    }
    if is_q2r(&all) {
        return Kind::QuantumEspresso;
    }
    if is_tdep(&all) {
        return Kind::Tdep;
    }
    if super::phonopy::is_born(&all[..all.len().saturating_sub(usize::from(head.len() < bytes.len()))]) {
        return Kind::Born;
    }
    let whole = |line: &&str, counts: std::ops::RangeInclusive<usize>| {
        let tokens: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        counts.contains(&tokens.len()) && tokens.iter().all(|t| t.parse::<usize>().is_ok())
    };
    let filled: Vec<&str> = lines.iter().copied().filter(|l| !l.trim().is_empty()).take(3).collect();
    if let [sizes, pair, block] = filled[..]
        && whole(&sizes, 1..=2)
        && whole(&pair, 2..=2)
        && numbers(block) == 3
    {
        return Kind::Constants;
    }
    Kind::Data
}

/// Whether JSON is the result of a fit: a job has neither key.
pub(crate) fn is_result(text: &str) -> bool {
    text.contains("\"covariance_order\"") || text.contains("\"scaled_fisher_eigenvalues\"")
}

/// A block of data and a tag of a crystal, in either case and wherever in a line; the cell may stand far below.
fn is_cif(lines: &[&str]) -> bool {
    let begins = |words: &[&str]| {
        lines.iter().any(|line| {
            let line = line.trim_start();
            words
                .iter()
                .any(|word| line.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word)))
        })
    };
    let version = lines.first().is_some_and(|line| line.starts_with("#\\#CIF"));
    let crystal =
        ["_cell", "_atom_site", "_symmetry", "_space_group", "_audit", "_chemical", "_journal", "_publ"];
    begins(&["data_"]) && (version || begins(&crystal))
}

/// The names of data sets stand in the file as they are, whatever is packed: near its beginning, or at its end.
fn is_constants_hdf5(bytes: &[u8]) -> bool {
    const NEAR: usize = 1 << 18;
    let (head, tail) = (&bytes[..bytes.len().min(NEAR)], &bytes[bytes.len().saturating_sub(NEAR)..]);
    let holds = |word: &[u8]| [head, tail].iter().any(|part| part.windows(word.len()).any(|w| w == word));
    bytes.starts_with(b"\x89HDF") && holds(b"force_constants") && !holds(b"NX_class")
}

/// Numbers of kinds and atoms, `ibrav` and six `celldm`; then, without or with lattice vectors, a quoted kind of atom.
fn is_q2r(lines: &[&str]) -> bool {
    let words: Vec<&str> = lines.first().map_or(vec![], |line| line.split_whitespace().collect());
    let whole = words.iter().take(3).all(|word| word.parse::<i64>().is_ok());
    let kind = |line: &&str| line.matches('\'').count() == 2;
    words.len() == 9 && whole && (lines.get(1).is_some_and(kind) || lines.get(4).is_some_and(kind))
}

/// The words that TDEP and ABINIT write behind the first numbers.
fn is_tdep(lines: &[&str]) -> bool {
    let says = |n: usize, words: &str| lines.get(n).is_some_and(|line| line.contains(words));
    (says(0, "How many atoms per unit cell") || says(1, "ealspace cutoff")) && says(2, "How many neighbours")
}

/// With how many numbers a line begins.
fn numbers(line: &str) -> usize {
    line.split_whitespace().take_while(|token| token.parse::<f64>().is_ok()).count()
}

/// A title, one or three factors (words behind them are comments), three lines of three numbers, then symbols or
/// numbers of atoms. A table of points with a header has three numbers in line 2 as well, but no mode.
fn is_poscar(lines: &[&str]) -> bool {
    let line = |n: usize| lines.get(n).copied().unwrap_or("").trim();
    let scales = numbers(line(1));
    if !matches!(scales, 1 | 3) || (2..5).any(|n| numbers(line(n)) < 3) {
        return false;
    }
    let symbols = |n: usize| {
        let mut words = line(n).split_whitespace().peekable();
        words.peek().is_some() && words.all(|word| element_of(word).is_some())
    };
    let counts = |n: usize| {
        let mut words = line(n).split_whitespace().peekable();
        words.peek().is_some() && words.all(|word| word.parse::<usize>().is_ok())
    };
    let mode = |n: usize| line(n).starts_with(['s', 'S', 'd', 'D', 'c', 'C', 'k', 'K']);
    // What is broken further down is told by the reader; one factor alone stands in no table.
    scales == 1 || symbols(5) || (counts(5) && mode(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSCAR: &str = "Mg hcp\n1.0\n 3.2 0 0\n -1.6 2.8 0\n 0 0 5.2\nMg\n2\nDirect\n.1 .2 .3\n.4 .5 .6\n";

    #[test]
    fn content_decides() {
        let cases: &[(&[u8], Kind)] = &[
            (b"\xEF\xBB\xBF {\"crystal\": {}}", Kind::Job),
            (b"{\"parameters\": [], \"covariance_order\": []}", Kind::Result),
            (b"phonopy:\n  version: \"4.10.0\"\n", Kind::Phonopy),
            (b"data_Mg\n_cell_length_a 3.2\n", Kind::Cif),
            (b"2 64\n1 1\n 0.1 0 0\n", Kind::Constants),
            (b"2 64 # eV/angstrom^2\n1 1\n 0.1 0 0\n", Kind::Constants),
            (b"64\n\n1 1\n 0.1 0 0\n", Kind::Constants),
            (b"h,k,l,intensity\n1,2,3,4\n", Kind::Data),
            (b"h k l\n1 2 3\n1 2 3\n1 2 3\n1 2 3\n1 2 3\n1 2 3\n", Kind::Data),
            (b"# h k l I\n1 2 3 4\n1 2 3 4\n1 2 3 4\n1 2 3 4\n", Kind::Data),
            (b"\xFD7zXZ\0\0", Kind::Archive),
            (b"\x1F\x8B\x08", Kind::Archive),
            (b"\x89HDF\r\n", Kind::Volume),
            (b"\x93NUMPY\x01\0", Kind::Volume),
            (b"II+\0\x08\0\0\0", Kind::Volume),
            (b"\x89PNG\r\n", Kind::Binary),
            (b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0h.npy.", Kind::Archive),
            (b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0h.npy", Kind::Volume),
            (b"\x89HDF\r\n..force_constants\0p2s_map\0", Kind::ConstantsHdf5),
            (b"1,2\0", Kind::Binary),
            (b"# c\n  DATA_x\n_CELL_LENGTH_A 3\n", Kind::Cif),
            (b"#\\#CIF_2.0\ndata_x\n", Kind::Cif),
            (b"1 1 2 7.9 0 0 0 0 0\n 1 'Ni ' 53000.\n", Kind::QuantumEspresso),
            (
                b" 2  How many atoms per unit cell\n 2.9 Realspace cutoff (A)\n 19 How many neighbours\n",
                Kind::Tdep,
            ),
            (b"14.4\n3 0 0 0 3 0 0 0 3\n1 0 0 0 1 0 0 0 1\n", Kind::Born),
            (b"# e Z\n3 0 0 0 3 0 0 0 3\n1 0 0 0 1 0 0 0 1\n-1 0 0 0 -1 0 0 0 -1\n", Kind::Born),
            (b"1 2 3 4 5 6 7 8 9\n1 2 3 4 5 6 7 8 9\n1 2 3 4 5 6 7 8 9\n", Kind::Data),
            (b"h;k;l;Intensit\xE4t\n1;2;3;4\n", Kind::Data),
            (b"", Kind::Data),
        ];
        for (bytes, kind) in cases {
            assert_eq!(recognise(bytes), *kind, "{}", String::from_utf8_lossy(bytes));
        }
        let utf16: Vec<u8> = [0xFEFF]
            .into_iter()
            .chain("{\"crystal\": 1}".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(recognise(&utf16), Kind::Job);
    }

    #[test]
    fn the_line_of_factors_of_a_poscar_may_have_three_numbers_or_a_comment() {
        for line in ["1.0", "1.0 1.0 1.0", "1.0   ! scale", "-54.3 volume", "1 1 1 # x y z"] {
            let text = POSCAR.replacen("1.0", line, 1);
            assert_eq!(recognise(text.as_bytes()), Kind::Crystal, "{line}");
            assert_eq!(recognise(text.replace('\n', "\r\n").as_bytes()), Kind::Crystal, "{line}");
        }
        assert_eq!(recognise(POSCAR.replace("Mg\n2", "2").as_bytes()), Kind::Crystal);
        let untitled = POSCAR.replacen("Mg hcp", "", 1);
        assert_eq!(recognise(untitled.as_bytes()), Kind::Crystal);
    }
}
