//! Colour maps as tables of 256 colours, from the `colorous` crate.

/// A colour scale. The sequential ones are perceptually uniform and safe for colour-blind readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourMap {
    /// From dark blue through green to yellow.
    Viridis,
    /// From black through red to pale yellow.
    Inferno,
    /// From black through purple to pale yellow.
    Magma,
    /// From blue through purple to yellow, nowhere dark.
    Plasma,
    /// From blue to yellow, for every kind of colour vision.
    Cividis,
    /// Diverging, for residuals: blue below zero, white at zero, red above.
    BlueRed,
}

impl ColourMap {
    /// Every map with the name that the page uses for it.
    pub const ALL: [(&'static str, ColourMap); 6] = [
        ("viridis", ColourMap::Viridis),
        ("inferno", ColourMap::Inferno),
        ("magma", ColourMap::Magma),
        ("plasma", ColourMap::Plasma),
        ("cividis", ColourMap::Cividis),
        ("blue-red", ColourMap::BlueRed),
    ];

    /// The map of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, map)| *map)
    }

    /// 256 opaque RGBA colours, from the low to the high end.
    pub fn table(self) -> [[u8; 4]; 256] {
        let gradient = match self {
            ColourMap::Viridis => colorous::VIRIDIS,
            ColourMap::Inferno => colorous::INFERNO,
            ColourMap::Magma => colorous::MAGMA,
            ColourMap::Plasma => colorous::PLASMA,
            ColourMap::Cividis => colorous::CIVIDIS,
            ColourMap::BlueRed => colorous::RED_BLUE,
        };
        std::array::from_fn(|i| {
            // RdBu runs from red to blue; a surplus of data is to be red.
            let i = if self == ColourMap::BlueRed { 255 - i } else { i };
            let c = gradient.eval_rational(i, 256);
            [c.r, c.g, c.b, 255]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surplus_is_red_and_a_deficit_is_blue() {
        let table = ColourMap::BlueRed.table();
        let ([r0, _, b0, _], [r1, _, b1, _]) = (table[0], table[255]);
        assert!(b0 > r0 && r1 > b1);
        let [r, g, b, _] = table[128];
        assert!(r > 230 && g > 230 && b > 230, "the middle is white");
    }

    #[test]
    fn sequential_maps_grow_lighter_all_the_way() {
        let light = |c: &[u8; 4]| 0.2126 * c[0] as f64 + 0.7152 * c[1] as f64 + 0.0722 * c[2] as f64;
        let sequential = ColourMap::ALL.into_iter().filter(|(_, map)| *map != ColourMap::BlueRed);
        for (_, map) in sequential {
            let table = map.table();
            for (low, high) in table.iter().zip(&table[16..]) {
                assert!(light(high) > light(low), "{map:?}");
            }
        }
    }

    #[test]
    fn names_lead_back_to_their_maps() {
        for (name, map) in ColourMap::ALL {
            assert_eq!(ColourMap::from_name(name), Some(map));
        }
        assert_eq!(ColourMap::from_name("rainbow"), None);
    }
}
