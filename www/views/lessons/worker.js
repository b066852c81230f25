/** The worker of “Lessons”: one job, asked for what the scene in sight needs. */

import init, { Engine, chain_film } from "../../../pkg/whole/tds_inversion.js";
import { Crew, begin } from "../../engine/crew.js";
import { Loop } from "../../engine/loop.js";

/** @typedef {import("../../engine/protocol.js").ToBench} ToBench */
/** @typedef {import("../../engine/protocol.js").FromBench} FromBench */
/** @typedef {import("../../engine/protocol.js").BenchQuestion} BenchQuestion */

/** The chain of scene 5: its temperature in K, and where on its rod it is seen. */
const CHAIN = { temperature: 300, h: 1.25 };

const alone = new Crew(null, 1);

/** @type {Loop<ToBench, FromBench, Engine>} */
const loop = new Loop({
  init,
  messages: {
    async open({ run, job, files }) {
      loop.subject?.free();
      loop.subject = null;
      loop.run = run;
      const next = await loop.tried(run, () => new Engine(job, files));
      if (!next) return;
      loop.subject = next;
      const bench = {
        description: next.describe(),
        columns: next.data(0),
        progress: next.progress(),
        model: next.model(0),
      };
      loop.post({ type: "bench", run, bench });
    },
    async ask({ run, ticket, question }) {
      if (run !== loop.run) return;
      const value = await loop.tried(run, () => answer(question));
      loop.post({ type: "answer", run, ticket, value });
    },
  },
  commands: {},
  work: () => 0,
});

/** Springs alone are held. @param {number[]} values */
const hand = (values) => ({ values, temperature: null, stretch: null, held: [], all_orders: true });

/** @param {BenchQuestion} question */
async function answer(question) {
  if (question.type === "chain") {
    const [first = 0, second = 0] = question.springs;
    return chain_film(first, second, CHAIN.temperature, CHAIN.h, question.seed);
  }
  const engine = loop.subject;
  if (!engine) throw new Error("nothing is on the bench");
  switch (question.type) {
    case "misfits":
      return Float64Array.from(question.points, (values) => engine.touch(hand(values)).chi2_reduced ?? NaN);
    case "touch": {
      const { chi2_reduced, models } = engine.touch(hand(question.values));
      return { misfit: chi2_reduced, model: models?.[0] ?? null };
    }
    case "place":
      begin(engine, question.values);
      await alone.drive(engine, () => true);
      engine.commit();
      return { progress: engine.brief(), model: engine.model(0) };
    case "reset":
      engine.reset();
      return { progress: engine.brief(), model: engine.model(0) };
    case "step": {
      engine.step();
      const { termination } = engine.brief();
      return { progress: termination ? engine.progress() : engine.brief(), model: engine.model(0) };
    }
    case "mixtures":
      return engine.result().identifiability.undetermined;
    case "scattered":
      return Array.from(engine.data(0).h, (_, row) => {
        const { branches, two, more } = engine.scattered(0, row);
        return { one: branches.reduce((sum, { intensity }) => sum + intensity, 0), two, more };
      });
  }
}
