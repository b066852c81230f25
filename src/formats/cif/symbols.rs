//! Space groups by Hall symbol, Hermann–Mauguin symbol or number, in all settings of moyo's table.
//!
//! S. R. Hall, Acta Cryst. A37 (1981) 517–525; the old names of glide planes (`C m c a`) and of cubic groups (`F m 3 m`)
//! as in the editions of the International Tables before 1992 and 1983.

use moyo::data::{HallSymbol, HallSymbolEntry, hall_symbol_entry};

use super::operations::{Affine, MOST_OPERATIONS};

/// Entries of the table.
const ENTRIES: i32 = 530;

/// One setting of a space group.
#[derive(Debug, Clone)]
pub struct Setting {
    pub number: i32,
    /// With the setting where there are several, e.g. `F d -3 m :2`.
    pub title: String,
    hall: &'static str,
    /// As in the table: `1`, `2`, `H`, `R`, `b1`, `cab` …
    pub code: &'static str,
}

impl Setting {
    fn new(entry: &HallSymbolEntry) -> Self {
        let symbol = if (3..=15).contains(&entry.number) { entry.hm_full } else { entry.hm_short };
        let of_two = entry.code_of_two();
        let title = if of_two.is_empty() { symbol.to_owned() } else { format!("{symbol} :{of_two}") };
        Setting { number: entry.number, title, hall: entry.hall_symbol, code: entry.setting }
    }

    /// All operations of the conventional cell.
    pub fn operations(&self) -> Vec<Affine> {
        let Some(hall) = HallSymbol::new(self.hall) else { return vec![] };
        let representatives = hall.traverse();
        let mut all = Vec::with_capacity(MOST_OPERATIONS);
        let zero = nalgebra::Vector3::zeros();
        for centring in std::iter::once(&zero).chain(&hall.centering_translations) {
            all.extend(representatives.iter().map(|op| Affine::new(op.rotation, op.translation + centring)));
        }
        all
    }
}

/// The origin or the axes, where the table has a choice of two.
trait CodeOfTwo {
    fn code_of_two(&self) -> &'static str;
}

impl CodeOfTwo for HallSymbolEntry {
    fn code_of_two(&self) -> &'static str {
        match self.setting.as_bytes() {
            [b'1', ..] => "1",
            [b'2', ..] => "2",
            [b'H'] => "H",
            [b'R'] => "R",
            _ => "",
        }
    }
}

fn entries() -> impl Iterator<Item = HallSymbolEntry> {
    (1..=ENTRIES).filter_map(hall_symbol_entry)
}

/// Letters, figures and signs alone, in lower case.
fn plain(symbol: &str) -> String {
    symbol
        .chars()
        .filter(|c| !c.is_whitespace() && !"_()".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The setting of a Hall symbol of the table.
pub fn by_hall(symbol: &str) -> Option<Setting> {
    let words = |s: &str| {
        let s = s.replace('\'', "^").replace('"', "=").replace('_', " ").to_lowercase();
        s.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let wanted = words(symbol);
    entries().find(|entry| words(entry.hall_symbol) == wanted).map(|entry| Setting::new(&entry))
}

/// The settings of a number, of those that are in use: any origin, hexagonal and rhombohedral axes, each unique axis.
pub fn by_number(number: i32, code: Option<&str>) -> Vec<Setting> {
    let usual = ["", "1", "2", "H", "R", "b", "c", "a", "b1", "c1", "a1"];
    entries()
        .filter(|entry| entry.number == number && usual.contains(&entry.setting))
        .filter(|entry| code.is_none_or(|code| fits(entry, code)))
        .map(|entry| Setting::new(&entry))
        .collect()
}

/// Whether an entry has the setting that a file names.
fn fits(entry: &HallSymbolEntry, code: &str) -> bool {
    let code = match code.to_ascii_lowercase().as_str() {
        "s" | "o1" => "1".to_owned(),
        "z" | "o2" => "2".to_owned(),
        other => other.to_owned(),
    };
    let own = entry.setting.to_ascii_lowercase();
    own == code || (matches!(code.as_str(), "1" | "2") && (own.is_empty() || own.starts_with(&code)))
}

/// The settings that a Hermann–Mauguin symbol may mean, short or full, old or new, in the order of the table. What
/// stands behind a colon, and the letters S, Z, H, R behind the symbol, choose the origin or the axes; `code` does where
/// the symbol says nothing.
pub fn by_name(symbol: &str, code: Option<&str>) -> Vec<Setting> {
    let (name, own_code) = match symbol.split_once(':') {
        Some((name, code)) => (plain(name), Some(plain(code))),
        None => (plain(symbol), None),
    };
    if name.is_empty() || name.len() > 30 {
        return vec![];
    }
    let search = |name: &str, code: Option<&str>| -> Vec<Setting> {
        let with = |same: &dyn Fn(&str, &str) -> bool| {
            let named = |entry: &HallSymbolEntry| names(entry).iter().any(|own| same(own, name));
            let fits = |entry: &HallSymbolEntry| code.is_none_or(|code| fits(entry, code));
            entries().filter(|e| named(e) && fits(e)).map(|e| Setting::new(&e)).collect::<Vec<_>>()
        };
        let exact = with(&|own, name| own == name);
        if exact.is_empty() { with(&old_name) } else { exact }
    };
    let code = own_code.as_deref().or(code);
    let found = search(&name, code);
    if !found.is_empty() {
        return found;
    }
    // The protein data bank calls hexagonal axes of a rhombohedral lattice H.
    if let Some(rest) = name.strip_prefix('h') {
        return search(&format!("r{rest}"), Some("h"));
    }
    for end in ["o1", "o2", "s", "z", "h", "r", "1", "2"] {
        if let Some(shorter) = name.strip_suffix(end) {
            let found = search(shorter, Some(end));
            if !found.is_empty() {
                return found;
            }
        }
    }
    // A setting that the table does not know by this name.
    if code.is_some() { search(&name, None) } else { vec![] }
}

/// The plain names of an entry. Short symbols of monoclinic groups name the type and not the setting, so that they
/// are made of the full ones.
fn names(entry: &HallSymbolEntry) -> Vec<String> {
    let full = plain(entry.hm_full);
    if !(3..=15).contains(&entry.number) {
        return vec![plain(entry.hm_short), full];
    }
    let short: Vec<&str> = entry.hm_full.split_whitespace().filter(|word| *word != "1").collect();
    vec![plain(&short.concat()), full]
}

/// Whether `name` is an old name of the symbol `own`: a letter for the double glide plane e, no bar over the 3 of a
/// cubic group.
fn old_name(own: &str, name: &str) -> bool {
    let glide = |own: &str| {
        own.len() == name.len()
            && own.contains('e')
            && own.chars().zip(name.chars()).all(|(o, n)| o == n || (o == 'e' && "abc".contains(n)))
    };
    let cubic = own.contains("-3") && !own.starts_with('r') && own.replace("-3", "3") == name;
    glide(own) || cubic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_found_in_every_spelling() {
        for (symbol, number, code) in [
            ("P 42/m n m", 136, ""),
            ("P4_2/mnm", 136, ""),
            ("P 4(2)/m n m", 136, ""),
            ("F d -3 m :2", 227, "2"),
            ("F d -3 m Z", 227, "2"),
            ("Fd-3mS", 227, "1"),
            ("F d 3 m :1", 227, "1"),
            ("R -3 c :H", 167, "H"),
            ("R -3 c R", 167, "R"),
            ("H 3", 146, "H"),
            ("P 21/c", 14, "b1"),
            ("P 1 21/n 1", 14, "b2"),
            ("P21/n", 14, "b2"),
            ("P 1 1 21/b", 14, "c3"),
            ("C 1 2/c 1", 15, "b1"),
            ("I 2/a", 15, "b3"),
            ("P b n m", 62, "cab"),
            ("C m c a", 64, ""),
            ("A b a 2", 41, ""),
            ("P m 3 m", 221, ""),
            ("F m 3 m", 225, ""),
            ("P a 3", 205, ""),
            ("F 4/m -3 2/m", 225, ""),
            ("I 41/a m d :2", 141, "2"),
            ("P 1", 1, ""),
        ] {
            let found = by_name(symbol, None);
            let first = found.first().unwrap_or_else(|| panic!("{symbol}"));
            assert_eq!((first.number, first.code), (number, code), "{symbol}");
        }
        assert_eq!(by_name("F d -3 m", None).len(), 2);
        assert_eq!(by_name("F d -3 m", Some("2")).len(), 1);
        for symbol in ["", "Q", "P 7", ":1", "Fm-3m-3m", "é"] {
            assert!(by_name(symbol, None).is_empty(), "{symbol}");
        }
    }

    #[test]
    fn every_setting_has_as_many_operations_as_its_group() {
        for (symbol, n) in
            [("F m -3 m", 192), ("R -3 c :H", 36), ("R -3 c :R", 12), ("P 63/m m c", 24), ("C 2/c", 8)]
        {
            assert_eq!(by_name(symbol, None)[0].operations().len(), n, "{symbol}");
        }
        for setting in entries().map(|entry| Setting::new(&entry)) {
            let operations = setting.operations();
            assert_eq!(
                super::super::operations::closed(&operations).map(|all| all.len()),
                Some(operations.len())
            );
        }
        assert_eq!(by_hall("-F 4 2 3").unwrap().number, 225);
        assert_eq!(by_hall("-P 2ybc").unwrap().number, 14);
        assert_eq!(by_hall("-R 3 2\"c").unwrap().code, "H");
    }
}
