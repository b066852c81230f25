//! Charts on a canvas, drawn with `plotters`: curves of errors and misfits, and phonon dispersion.
//!
//! The backend counts whole pixels and knows nothing of high-resolution screens. The caller
//! therefore makes the canvas `pixel_ratio` times larger than it is shown, and every length here is
//! multiplied by that number. Titles and legends belong to the page: the backend would measure them
//! through inline styles, which the page's security policy forbids.

use std::error::Error;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use serde::Deserialize;
use web_sys::HtmlCanvasElement;

use super::{Scale, ScaleKind, curve, ticks};

type Drawn = Result<(), Box<dyn Error>>;
type Area = DrawingArea<CanvasBackend, plotters::coord::Shift>;

/// Colours as `#rrggbb` and lengths in CSS pixels, as the page's style sheet has them.
#[derive(Debug, Clone, Deserialize)]
pub struct Theme {
    /// Canvas pixels per CSS pixel, supersampling included.
    pub pixel_ratio: f64,
    /// CSS name of a font.
    pub font_family: String,
    /// CSS pixels.
    pub font_size: f64,
    /// Behind everything.
    pub background: String,
    /// Axes and letters.
    pub ink: String,
    /// Lines across.
    pub grid: String,
    /// What is in force.
    pub accent: String,
    /// What the fit starts from.
    pub start: String,
    /// What is to be found.
    pub truth: String,
}

impl Theme {
    fn px(&self, css: f64) -> i32 {
        (css * self.pixel_ratio).round() as i32
    }

    fn line(&self, colour: &str, css: f64) -> ShapeStyle {
        parse(colour).stroke_width(self.px(css).max(1) as u32)
    }

    fn text(&self) -> TextStyle<'_> {
        let size = self.font_size * self.pixel_ratio;
        // As a name: the conversion from a string would bring the tables of all of Unicode's lower case.
        (FontFamily::Name(&self.font_family), size).into_font().color(&parse(&self.ink))
    }
}

/// `#rrggbb` to a colour; grey if it is anything else.
fn parse(hex: &str) -> RGBColor {
    let value = hex.trim().strip_prefix('#').filter(|h| h.len() == 6);
    match value.and_then(|h| u32::from_str_radix(h, 16).ok()) {
        Some(rgb) => RGBColor((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8),
        None => RGBColor(128, 128, 128),
    }
}

fn area(canvas: HtmlCanvasElement, theme: &Theme) -> Result<Area, Box<dyn Error>> {
    let backend = CanvasBackend::with_canvas_object(canvas).ok_or("the canvas has no 2d context")?;
    let area = backend.into_drawing_area();
    area.fill(&parse(&theme.background))?;
    Ok(area)
}

/// A linear or logarithmic axis with ticks of our choice.
struct Axis {
    scale: Scale,
    ticks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let place = self.scale.place(*value);
        let place = if place.is_nan() { 0.0 } else { place };
        from + (place * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.scale.lo()..self.scale.hi()
    }
}

/// One curve of [`draw_lines`].
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// Place of each point.
    pub x: Vec<f64>,
    /// Value at each point.
    pub y: Vec<f64>,
    /// As `#rrggbb`.
    pub colour: String,
    /// CSS pixels
    pub width: f64,
    /// Whether the line is dashed.
    #[serde(default)]
    pub dashed: bool,
    /// A dot at each point, unless they are so many that they would melt into a band.
    #[serde(default)]
    pub dots: bool,
}

impl Line {
    /// Points that can be shown.
    fn points(&self, log_x: bool) -> Vec<(f64, f64)> {
        let points = self.x.iter().copied().zip(self.y.iter().copied());
        let can = |(x, y): &(f64, f64)| x.is_finite() && (!log_x || *x > 0.0) && y.is_finite() && *y > 0.0;
        points.filter(can).collect()
    }
}

/// Curves above a logarithmic or linear x, with a logarithmic y.
pub fn draw_lines(canvas: HtmlCanvasElement, lines: &[Line], log_x: bool, theme: &Theme) -> Drawn {
    let root = area(canvas, theme)?;
    let curves: Vec<Vec<(f64, f64)>> = lines.iter().map(|line| line.points(log_x)).collect();
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, 0.0_f64), |(lo, hi), v| (lo.min(v), hi.max(v)))
    };
    let (left, right) = ends(&mut curves.iter().flatten().map(|p| p.0));
    let (lo, hi) = ends(&mut curves.iter().flatten().map(|p| p.1));
    let y = Scale::new(lo / 1.4, hi * 1.4, ScaleKind::Log);
    let x = if log_x {
        Scale::new(left / 1.15, right * 1.15, ScaleKind::Log)
    } else {
        Scale::new(-0.03 * right, 1.03 * right, ScaleKind::Linear)
    };
    let mut x_ticks =
        if log_x { ticks::logarithmic(x.lo(), x.hi(), 6) } else { ticks::linear(0.0, right, 6) };
    if curves.iter().flatten().all(|p| p.0.fract() == 0.0) {
        x_ticks.retain(|t| t.fract() == 0.0);
    }
    let mut chart = ChartBuilder::on(&root)
        .margin_top(theme.px(6.0))
        .margin_right(theme.px(10.0))
        .x_label_area_size(theme.px(20.0))
        .y_label_area_size(theme.px(38.0))
        .build_cartesian_2d(
            Axis { scale: x, ticks: x_ticks },
            Axis { scale: y, ticks: ticks::logarithmic(y.lo(), y.hi(), 4) },
        )?;
    chart
        .configure_mesh()
        .axis_style(theme.line(&theme.grid, 1.0))
        .bold_line_style(theme.line(&theme.grid, 1.0))
        .light_line_style(TRANSPARENT)
        .disable_x_mesh()
        .label_style(theme.text())
        .x_label_formatter(&|v| ticks::label(*v))
        .y_label_formatter(&|v| ticks::label(*v))
        .set_all_tick_mark_size(theme.px(3.0))
        .draw()?;
    let dash = theme.px(4.0);
    for (line, points) in lines.iter().zip(curves) {
        let style = theme.line(&line.colour, line.width);
        let dots = if line.dots && points.len() <= 60 { points.clone() } else { vec![] };
        if line.dashed {
            chart.draw_series(DashedLineSeries::new(points, dash, dash, style))?;
        } else {
            chart.draw_series(LineSeries::new(points, style))?;
        }
        let dot = parse(&line.colour).filled();
        chart.draw_series(dots.into_iter().map(|p| Circle::new(p, theme.px(2.6), dot)))?;
    }
    root.present()?;
    Ok(())
}

/// One set of dispersion curves along the same path.
#[derive(Debug, Clone, Deserialize)]
pub struct Curves {
    /// How to draw them: `start` dashed and grey, `current` in the accent colour with an error
    /// band, `truth` thin and dark.
    pub role: Role,
    /// Place of each point, Å⁻¹.
    pub distance: Vec<f64>,
    /// One list per branch, THz; imaginary frequencies are negative.
    pub branches: Vec<Vec<f64>>,
    /// Standard uncertainty of each frequency, like `branches`.
    pub sigma: Option<Vec<Vec<f64>>>,
}

/// Whose curves they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What the fit starts from.
    Start,
    /// What is in force.
    Current,
    /// What is to be found.
    Truth,
}

/// A named point on the path.
#[derive(Debug, Clone, Deserialize)]
pub struct PathTick {
    /// Place along the path, Å⁻¹.
    pub at: f64,
    /// Its name.
    pub label: String,
}

/// Frequencies in THz along a path in reciprocal space, on an axis that also reaches the frequencies `besides`. What comes back is where they are: the ends of the path and of the
/// frequencies, and the canvas pixels of the same, left, right, bottom, top.
pub fn draw_dispersion(
    canvas: HtmlCanvasElement,
    path: &[PathTick],
    sets: &[Curves],
    besides: &[f64],
    theme: &Theme,
) -> Result<[f64; 8], Box<dyn Error>> {
    let root = area(canvas, theme)?;
    let curves = || sets.iter().flat_map(|s| s.branches.iter().flatten());
    let values = || curves().chain(besides).copied().filter(|v| v.is_finite());
    let hi = values().fold(0.0, f64::max);
    let lo = values().fold(0.0, f64::min);
    let top = if hi > lo { hi + 0.06 * (hi - lo) } else { 1.0 };
    let bottom = if lo < -1e-3 * top { lo - 0.06 * (hi - lo) } else { 0.0 };
    let start = path.iter().map(|t| t.at).fold(f64::INFINITY, f64::min);
    let end = path.iter().map(|t| t.at).fold(f64::NEG_INFINITY, f64::max);
    let (start, end) = if start < end { (start, end) } else { (0.0, 1.0) };
    let label = |at: &f64| {
        path.iter()
            .find(|t| (t.at - at).abs() <= 1e-9 * (end - start))
            .map_or_else(String::new, |t| t.label.clone())
    };

    let mut chart = ChartBuilder::on(&root)
        .margin_top(theme.px(6.0))
        .margin_right(theme.px(10.0))
        .x_label_area_size(theme.px(20.0))
        .y_label_area_size(theme.px(38.0))
        .build_cartesian_2d(
            Axis {
                scale: Scale::new(start, end, ScaleKind::Linear),
                ticks: path.iter().map(|t| t.at).collect(),
            },
            Axis { scale: Scale::new(bottom, top, ScaleKind::Linear), ticks: ticks::linear(bottom, top, 6) },
        )?;
    chart
        .configure_mesh()
        .axis_style(theme.line(&theme.grid, 1.0))
        .bold_line_style(theme.line(&theme.grid, 1.0))
        .light_line_style(TRANSPARENT)
        .label_style(theme.text())
        .x_label_formatter(&label)
        .y_label_formatter(&|v| ticks::label(*v))
        .set_all_tick_mark_size(theme.px(3.0))
        .draw()?;

    for set in sets {
        for (i, branch) in set.branches.iter().enumerate() {
            let sigma = set.sigma.as_ref().and_then(|s| s.get(i)).map(Vec::as_slice);
            for piece in curve::pieces(&set.distance, branch, sigma) {
                let points: Vec<(f64, f64)> = piece.iter().map(|p| (p.at, p.value)).collect();
                match set.role {
                    Role::Start => {
                        let style = theme.line(&theme.start, 1.25);
                        let (dash, gap) = (theme.px(4.0), theme.px(3.0));
                        chart.draw_series(DashedLineSeries::new(points, dash, gap, style))?;
                    }
                    Role::Current => {
                        let band = curve::band(&piece, bottom, top);
                        if !band.is_empty() {
                            chart.draw_series([Polygon::new(band, parse(&theme.accent).mix(0.25))])?;
                        }
                        chart.draw_series(LineSeries::new(points, theme.line(&theme.accent, 2.8)))?;
                    }
                    Role::Truth => {
                        chart.draw_series(LineSeries::new(points, theme.line(&theme.truth, 1.0)))?;
                    }
                }
            }
        }
    }
    root.present()?;
    let (across, up) = chart.plotting_area().get_pixel_range();
    let pixels = [across.start, across.end, up.end, up.start].map(f64::from);
    let [left, right, low, high] = pixels;
    Ok([start, end, bottom, top, left, right, low, high])
}
