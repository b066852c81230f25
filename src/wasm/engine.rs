//! The engine as the worker sees it.

use js_sys::{Float64Array, Reflect};
use wasm_bindgen::prelude::*;

use super::arrays::{arrays, bands_to_js, columns};
use super::convert::{Answer, from_js, js_error, to_js};
use super::task::{Standing, Task};
use crate::dynamics::PathPoint;
use crate::ifc::LibraryTitle;
use crate::run::{Computed, ProgressReport, Run, Share, Watch};

/// The sets of force constants that come with the program.
#[wasm_bindgen(unchecked_return_type = "LibraryTitle[]")]
pub fn library() -> Answer<JsValue> {
    to_js(&crate::ifc::library().into_iter().map(LibraryTitle::from).collect::<Vec<_>>())
}

pub(super) type OpenJob = Run<Vec<(String, Vec<u8>)>>;

/// What a task ends with.
pub(super) enum Outcome {
    Opened(Box<crate::Result<OpenJob>>),
    Computed(Box<Computed>),
    Placed(Box<crate::Result<Computed>>),
}

/// One job in progress.
///
/// Whatever takes long can be done in one go ([`Engine::new`], [`Engine::step`]), or in pieces that leave room for
/// messages and that several engines with the same job can share: [`Engine::opening`] or [`Engine::begin`], then
/// [`Engine::advance`] until it says "done", then [`Engine::commit`]; where it says "sum", [`Engine::make`] makes one piece, and
/// [`Engine::supply`] takes one that another engine made.
#[wasm_bindgen]
pub struct Engine {
    run: Option<OpenJob>,
    /// Of a job that is being opened.
    pub(super) watch: Watch,
    pub(super) task: Option<Task<Outcome>>,
    /// What it ended with.
    computed: Option<Box<Computed>>,
    /// Milliseconds of the clock when the task began.
    began: f64,
    /// Whether it is an iteration of the fit, whose seconds count.
    stepping: bool,
    seconds: f64,
}

#[wasm_bindgen]
impl Engine {
    /// Begins an iteration of the fit ("step"), its models where it stands ("picture"), or the models and the verdict
    /// ("look"). Until that is done and committed everything else is as it was.
    pub fn begin(&mut self, what: &str) -> Answer<()> {
        let run = self.run()?;
        let task = match what {
            "step" => Task::new(|pool| {
                let step = run.stepping(pool, true);
                async { Outcome::Computed(Box::new(step.await)) }
            }),
            "picture" | "look" => Task::new(|pool| {
                let look = run.looking(pool, what == "look");
                async { Outcome::Computed(Box::new(look.await)) }
            }),
            _ => return Err(JsError::new("what can be begun is \"step\", \"picture\" or \"look\"").into()),
        };
        (self.task, self.computed) = (Some(task), None);
        self.began = js_sys::Date::now();
        self.stepping = what == "step";
        Ok(())
    }

    /// Begins to put all constants in force, eV/Å² each, or all parameters of a potential, as if the fit had begun there.
    pub fn begin_at(&mut self, values: &[f64]) -> Answer<()> {
        let run = self.run()?;
        let task = Task::new(|pool| {
            let placing = run.placing(pool, values);
            async { Outcome::Placed(Box::new(placing.await)) }
        });
        (self.task, self.computed, self.stepping) = (Some(task), None, false);
        Ok(())
    }

    /// The model of what a hand holds, at once, while the fit stays where it is: its numbers, and `models`, one array of
    /// s·I + background for each data set, or null for a crystal that is not stable. `shares`: of [`Engine::touch_share`], all
    /// that there are; without them it makes the only one.
    #[wasm_bindgen(unchecked_return_type = "TouchReport & { models: Float64Array[] | null }")]
    pub fn touch(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Hand")] hand: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Float64Array[]")] shares: Option<js_sys::Array>,
    ) -> Answer<JsValue> {
        let (run, hand) = (self.run()?, from_js("hand", hand)?);
        let shares = shares.iter().flat_map(js_sys::Array::iter);
        let mut shares: Vec<Vec<f64>> = shares.map(|s| Float64Array::from(s).to_vec()).collect();
        if shares.is_empty() {
            shares.push(run.touch_share(&hand, 0, 1).map_err(js_error)?);
        }
        let touched = run.touch_of(&hand, &shares).map_err(js_error)?;
        let report = to_js(&touched.report)?;
        let models = touched.models.map_or(JsValue::NULL, |models| arrays(&models).into());
        Reflect::set(&report, &"models".into(), &models)?;
        Ok(report)
    }

    /// Share `i` of `n` of what takes long in [`Engine::touch`], for several engines with one job.
    pub fn touch_share(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Hand")] hand: &JsValue,
        i: usize,
        n: usize,
    ) -> Answer<Vec<f64>> {
        self.run()?.touch_share(&from_js("hand", hand)?, i, n).map_err(js_error)
    }

    /// Dispersion with other constants.
    #[wasm_bindgen(unchecked_return_type = "Bands")]
    pub fn touched_bands(&self, values: &[f64]) -> Answer<JsValue> {
        bands_to_js(&self.run()?.touched_bands(values).map_err(js_error)?)
    }

    /// Sums of constants whose errors are independent of each other, what the data know best first: of each its σ, infinite where
    /// they leave it open, and the weight of every constant.
    pub fn mixtures(&self) -> Vec<f64> {
        self.run.as_ref().map_or(vec![], Run::mixtures)
    }

    /// What each row of data set `n` says of constant `p`, or beyond the constants of an elastic constant, or of a sum of
    /// [`Engine::mixtures`]: by how many of its σ its model changes for each eV/Å² ("slope"), or its part in what is known of
    /// it, with its sign, all squares of which add up to one ("knowledge").
    pub fn shares(&self, n: usize, p: usize, what: &str) -> Answer<Float64Array> {
        let share = if what == "slope" { Share::Slope } else { Share::Knowledge };
        let all = self.run()?.shares(n, p, share).map_err(js_error)?;
        Ok(Float64Array::from(all.as_slice()))
    }

    /// By how many of its σ the model of a row changes when each constant moves by its own σ.
    pub fn row_says(&self, n: usize, row: usize) -> Answer<Float64Array> {
        let all = self.run()?.row_says(n, row).map_err(js_error)?;
        Ok(Float64Array::from(all.as_slice()))
    }

    /// What the model of a row consists of, in units of the data.
    #[wasm_bindgen(unchecked_return_type = "ScatteredReport")]
    pub fn scattered(&self, n: usize, row: usize) -> Answer<JsValue> {
        to_js(&self.run()?.scattered(n, row).map_err(js_error)?)
    }

    /// A number that tells two places in the course of a fit apart: engines that share sums have to stand at one.
    pub fn fingerprint(&self) -> u32 {
        self.run.as_ref().map_or(0, |run| run.session.fingerprint())
    }

    /// Gives up what was begun.
    pub fn abandon(&mut self) {
        (self.task, self.computed) = (None, None);
    }

    /// Goes on with what was begun until it stands still: "rest" (call again), "sum" (see [`Engine::sum`]), or "done".
    pub fn advance(&mut self) -> Answer<String> {
        let Some(task) = &mut self.task else { return Ok("done".into()) };
        let outcome = match task.advance() {
            Standing::Resting => return Ok("rest".into()),
            Standing::Summing => return Ok("sum".into()),
            Standing::Done(outcome) => outcome,
        };
        self.task = None;
        match outcome {
            Outcome::Opened(run) => {
                let run = (*run).map_err(js_error)?;
                self.watch.take();
                self.run = Some(run);
            }
            Outcome::Computed(computed) => self.computed = Some(computed),
            Outcome::Placed(computed) => self.computed = Some(Box::new((*computed).map_err(js_error)?)),
        }
        Ok("done".into())
    }

    /// Puts what was begun and is done in force.
    pub fn commit(&mut self) {
        if let (Some(run), Some(computed)) = (&mut self.run, self.computed.take()) {
            if self.stepping {
                self.seconds += (js_sys::Date::now() - self.began) / 1000.0;
            }
            run.take(*computed, self.seconds);
        }
    }

    /// What is being computed, for people, such as “89 constants at 1 408 points”; empty where that is not known.
    pub fn doing(&self) -> String {
        self.task.as_ref().map(|task| task.exchange().words()).unwrap_or_default()
    }

    /// The sum that what was begun stands at: its number, counted from one, and of how many pieces it consists; empty
    /// where it stands at none.
    pub fn sum(&self) -> Vec<u32> {
        let wants = self.task.as_ref().and_then(|task| task.exchange().wants());
        wants.map_or(vec![], |(serial, pieces)| vec![serial as u32, pieces as u32])
    }

    /// Whether all pieces of the sum are there, so that it can be gone on.
    pub fn is_complete(&self) -> bool {
        self.task.as_ref().is_none_or(|task| task.exchange().is_complete())
    }

    /// Whether piece `i` of the sum is there.
    pub fn has(&self, i: usize) -> bool {
        self.task.as_ref().is_some_and(|task| task.exchange().has(i))
    }

    /// Works on piece `i` of the sum, for a few hundredths of a second at most; the piece once it is made.
    pub fn make(&mut self, i: usize) -> Option<Float64Array> {
        let part = self.task.as_mut()?.make(i)?;
        Some(Float64Array::from(part.as_slice()))
    }

    /// Takes piece `i` of sum `serial`, which another engine made.
    pub fn supply(&mut self, serial: usize, i: usize, part: Vec<f64>) {
        if let Some(task) = &self.task {
            task.exchange().supply(serial, i, part);
        }
    }

    /// What the job turned out to be.
    #[wasm_bindgen(unchecked_return_type = "Description")]
    pub fn describe(&self) -> Answer<JsValue> {
        to_js(&self.run()?.describe())
    }

    /// Where the fit is, with the verdict on it.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub fn progress(&self) -> Answer<JsValue> {
        self.timed(&self.run()?.progress())
    }

    pub(super) fn of(run: Option<OpenJob>) -> Self {
        let watch = Watch::default();
        Engine { run, watch, task: None, computed: None, began: 0.0, stepping: false, seconds: 0.0 }
    }

    pub(super) fn run(&self) -> Answer<&OpenJob> {
        self.run.as_ref().ok_or_else(|| JsError::new("the job is still being opened").into())
    }

    fn timed(&self, progress: &ProgressReport) -> Answer<JsValue> {
        let report = to_js(progress)?;
        Reflect::set(&report, &"seconds".into(), &self.seconds.into())?;
        Ok(report)
    }

    /// Rows of data set `n` farther than 5 σ from the model, the worst first; none before the fit has moved.
    pub fn suspects(&self, n: usize) -> Vec<u32> {
        self.run.iter().flat_map(|run| run.suspects(n)).map(|row| row as u32).collect()
    }

    /// Rows of data set `n` far from those that symmetry makes equivalent to them, the farthest first.
    pub fn disagreeing(&self, n: usize) -> Vec<u32> {
        self.run.iter().flat_map(|run| run.disagreeing(n)).map(|&row| row as u32).collect()
    }

    /// One iteration of the fit.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub fn step(&mut self) -> Answer<JsValue> {
        let (start, before) = (js_sys::Date::now(), self.seconds);
        let clock = || before + (js_sys::Date::now() - start) / 1000.0;
        self.abandon();
        let Some(run) = &mut self.run else { return self.progress() };
        run.step(clock);
        self.seconds = clock();
        self.brief()
    }

    /// Where the fit is, with the verdict only where it is known.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub fn brief(&self) -> Answer<JsValue> {
        self.timed(&self.run()?.brief())
    }

    /// Back to the start of the fit.
    pub fn reset(&mut self) {
        self.abandon();
        if let Some(run) = &mut self.run {
            run.reset();
        }
        self.seconds = 0.0;
    }

    /// Columns of data set `n`.
    #[wasm_bindgen(unchecked_return_type = "Columns")]
    pub fn data(&self, n: usize) -> Answer<JsValue> {
        let run = self.run()?;
        let set = run.data.get(n).ok_or_else(|| JsError::new("no such data set"))?;
        columns(set, run.used(n))
    }

    /// s·I + background at every row of data set `n`; NaN on a Bragg point.
    pub fn model(&self, n: usize) -> Answer<Float64Array> {
        let run = self.run()?;
        if n >= run.data.len() {
            return Err(JsError::new("no such data set").into());
        }
        Ok(Float64Array::from(run.model(n).as_slice()))
    }

    /// Has dispersion curves follow another path: the labels of its points, one on each line, and of each h, k, l, and 1 where a
    /// leg leads there from the point before, else 0; without points, the standard path.
    pub fn follow(&mut self, labels: &str, points: &[f64]) {
        let path = labels.split('\n').zip(points.chunks_exact(4)).map(|(label, at)| PathPoint {
            label: label.to_owned(),
            hkl: nalgebra::Vector3::new(at[0], at[1], at[2]),
            joined: at[3] != 0.0,
        });
        if let Some(run) = &mut self.run {
            run.follow(path.collect());
        }
    }

    /// Dispersion of "current", "start" or "reference", the constants that the job compares with.
    #[wasm_bindgen(unchecked_return_type = "Bands")]
    pub fn bands(
        &self,
        #[wasm_bindgen(unchecked_param_type = "\"current\" | \"start\" | \"reference\"")] which: &str,
    ) -> Answer<JsValue> {
        let run = self.run()?;
        let bands = match which {
            "current" => run.current_bands(),
            "start" => run.start_bands(),
            _ => run.reference_bands().ok_or_else(|| JsError::new("there is nothing to compare with"))?,
        };
        bands_to_js(&bands)
    }

    /// The fit as a file: what `tds fit` writes.
    #[wasm_bindgen(unchecked_return_type = "FitResult")]
    pub fn result(&self) -> Answer<JsValue> {
        let date = String::from(js_sys::Date::new_0().to_iso_string());
        to_js(&self.run()?.result(self.seconds, &date))
    }

    /// The job with what the engine fills in.
    #[wasm_bindgen(unchecked_return_type = "Job")]
    pub fn job(&self) -> Answer<JsValue> {
        to_js(&self.run()?.prepared.job)
    }
}
