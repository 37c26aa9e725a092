// The chat page and the bot in a real browser.
//
//   node tests/browser/run.mjs [--sobes FILE] [--telegram FILE] [--bank FILE] [--out FOLDER] [NAME...]
//
// Only the checks whose name contains a NAME run. Each has a world and a browser window of its
// own. It fails also by an error in the page's console and by a request to another host, and
// leaves a picture, the console and the end of the bot's log in FOLDER (build/browser).
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCESS } from './access.mjs';
import { BATTLE } from './battle.mjs';
import { Bottle } from './bottle.mjs';
import { HOSTILE } from './hostile.mjs';
import { KEPT } from './kept.mjs';
import { LOOK } from './look.mjs';
import { POLLS } from './polls.mjs';
import { Reader, launch } from './reader.mjs';
import { STUDY } from './study.mjs';

const CHECK_LIMIT_MS = 180_000;
const LOG_TAIL = 40; // lines

function options(argv) {
  const out = {
    sobes: 'build/sobes',
    telegram: 'build/local_telegram',
    bank: 'build/bank.db',
    out: 'build/browser',
    names: [],
  };
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].slice(2);
    if (argv[i].startsWith('--') && name in out && name !== 'names') out[name] = argv[++i];
    else out.names.push(argv[i]);
  }
  return out;
}

// theBotIsAdded -> "the bot is added"
const inWords = (check) => check.name.replace(/[A-Z]|\d+/g, (c) => ` ${c.toLowerCase()}`);

// What a check has: a world, readers, and words for the line that it prints.
class Play {
  constructor(asked, browser) {
    Object.assign(this, { asked, browser, bottles: [], readers: [], notes: [] });
  }

  async bottle(more) {
    const bottle = await Bottle.start(this.asked, more);
    this.bottles.push(bottle);
    return bottle;
  }

  async read(bottle, more) {
    const reader = await Reader.open(this.browser, bottle, more);
    this.readers.push(reader);
    return reader;
  }

  note(words) {
    this.notes.push(words);
  }

  faults() {
    return [
      ...this.readers.flatMap((reader) => reader.faults),
      ...this.bottles
        .filter((b) => b.bot && !b.botLives())
        .map(() => 'the bot is not alive any more'),
      ...this.bottles.flatMap((b) => b.complaints().map((line) => `the bot says: ${line}`)),
    ];
  }

  async keepTraces(folder, trouble) {
    mkdirSync(folder, { recursive: true });
    for (const [i, reader] of this.readers.entries())
      await reader.page.screenshot({ path: join(folder, `page${i + 1}.png`) }).catch(() => {});
    const logs = this.bottles.map((b) => b.said().split('\n').slice(-LOG_TAIL).join('\n'));
    writeFileSync(
      join(folder, 'trouble.txt'),
      [trouble.stack, ...this.faults(), '--- the bot', ...logs, ''].join('\n'),
    );
  }

  async end() {
    for (const reader of this.readers) await reader.close().catch(() => {});
    for (const bottle of this.bottles) {
      const code = await bottle.end();
      if (code !== 0) throw new Error(`the bot ended with ${code}`);
    }
  }
}

function limited(work, ms) {
  let timer;
  const late = new Promise((_, no) => {
    timer = setTimeout(() => no(new Error(`not done within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function one(check, asked, browser) {
  const name = inWords(check),
    began = Date.now();
  const play = new Play(asked, browser);
  let trouble = null;
  try {
    await limited(check(play), CHECK_LIMIT_MS);
    const faults = play.faults();
    if (faults.length) throw new Error(faults.join('\n'));
  } catch (error) {
    trouble = error;
    await play.keepTraces(join(asked.out, name.replaceAll(' ', '_')), error);
  }
  await play.end().catch((error) => (trouble ||= error));
  const notes = play.notes.length ? `: ${play.notes.join(', ')}` : '';
  console.log(
    `${trouble ? 'FAIL' : 'ok  '} ${name}${notes} (${((Date.now() - began) / 1000).toFixed(1)} s)`,
  );
  if (trouble)
    console.log(
      String(trouble.stack || trouble)
        .split('\n')
        .slice(0, 14)
        .map((line) => `     ${line}`)
        .join('\n'),
    );
  return !trouble;
}

async function main() {
  const asked = options(process.argv.slice(2));
  rmSync(asked.out, { recursive: true, force: true });
  const browser = await launch();
  let passed = 0,
    failed = 0;
  for (const check of [...STUDY, ...POLLS, ...BATTLE, ...LOOK, ...ACCESS, ...HOSTILE, ...KEPT]) {
    if (asked.names.length && !asked.names.some((part) => inWords(check).includes(part))) continue;
    if (await one(check, asked, browser)) passed++;
    else failed++;
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  return failed || !passed ? 1 : 0;
}

process.exit(await main());
