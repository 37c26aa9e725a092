// Makes tests/golden/fsrs.tsv with ts-fsrs, the reference: npm install, then
//   node fsrs.mjs > fsrs.tsv
// The same run gives the same file: the randomness is seeded, the clock is its own.
//
//   W  n  given...  expected...     weights of n numbers, and what they are as FSRS-6
//   P  number retention max_days short_term learn_steps relearn_steps w0..w20
//   R  grade elapsed_days state step days wait_s stability difficulty reps lapses
// A P line begins a sequence with a new card; steps are seconds joined by commas, or "-".
import { createEmptyCard, default_w, fsrs, migrateParameters, State } from "ts-fsrs";

console.debug = () => {};
const DAY = 86400e3, SEQUENCES = 280;

let seed = 20240229;
function random() { // mulberry32
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const between = (min, max) => min + random() * (max - min);
const line = (...fields) => console.log(fields.join("\t"));

const plans = [
  { learning_steps: ["1m", "10m"], relearning_steps: ["10m"] },
  { learning_steps: ["10m"], relearning_steps: ["10m"] },
  { learning_steps: [], relearning_steps: [] },
  { learning_steps: ["1m", "10m", "1d"], relearning_steps: ["10m", "2d"] },
  { learning_steps: ["5m", "2h", "12h", "3d"], relearning_steps: ["1d"] },
];
const seconds = (step) =>
  parseInt(step, 10) * { m: 60, h: 3600, d: 86400 }[step.slice(-1)];
const steps = (list) => list.map(seconds).join(",") || "-";

function weights() {
  const kind = below(4);
  if (kind === 0) return [...default_w];
  const w = default_w.map((x) => +(x * between(0.6, 1.6)).toFixed(4));
  return kind === 1 ? w.slice(0, 17) : kind === 2 ? w.slice(0, 19) : w;
}

// Gaps between two ratings: minutes, the same day, when it is due, late, years.
function gap(wait) {
  switch (below(6)) {
  case 0: return below(3600e3);
  case 1: return below(DAY);
  case 2: return below(3 * DAY);
  case 3: return Math.round(wait * between(1, 3));
  case 4: return below(40) === 0 ? Math.round(between(3, 12) * 365 * DAY) : wait;
  default: return wait;
  }
}

function sequence(number) {
  const plan = plans[number % plans.length];
  const f = fsrs({
    ...plan,
    w: weights(),
    request_retention: +between(0.75, 0.97).toFixed(3),
    maximum_interval: pick([36500, 36500, 365, 40]),
    enable_short_term: number % 4 !== 3,
    enable_fuzz: false,
  });
  const p = f.parameters;
  line("P", number, p.request_retention, p.maximum_interval, +p.enable_short_term,
    steps(plan.learning_steps), steps(plan.relearning_steps), ...p.w);
  let now = Date.UTC(2024, 0, 1) + below(700 * 86400) * 1000;
  let card = createEmptyCard(new Date(now));
  const wild = random() < 0.3; // many lapses
  for (let i = 0, n = 4 + below(16); i < n; i++) {
    const grade = wild ? 1 + below(4) : pick([1, 2, 3, 3, 3, 3, 4]);
    const last = card.last_review;
    if (last) now += Math.max(60e3, gap(card.due - last));
    const elapsed = last ? Math.floor(now / DAY) - Math.floor(+last / DAY) : 0;
    card = f.next(card, new Date(now), grade).card;
    const due = card.due - now;
    const days = card.scheduled_days, wait = days ? 0 : due / 1000;
    // A mean of steps can be a day and some minutes: a review card, due by whole days.
    if (days && Math.floor(due / DAY) !== days) throw Error(`${due} is not ${days} days`);
    if (!days && card.state === State.Review) throw Error("a review card due today");
    line("R", grade, elapsed, card.state, card.learning_steps, days, wait,
      card.stability, card.difficulty, card.reps, card.lapses);
  }
}

for (const n of [17, 19, 21])
  for (let i = 0; i < 8; i++) {
    const spread = i < 4 ? [0.6, 1.6] : [-1, 12]; // the second half must be clipped
    const given = default_w.slice(0, n).map((x) => +(x * between(...spread)).toFixed(4));
    line("W", n, ...given, ...migrateParameters(given, 1, false));
  }
for (let i = 0; i < SEQUENCES; i++) sequence(i);
