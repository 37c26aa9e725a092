// The local Telegram with its chat page and the real bot in it, as tests/local/try.sh starts
// them, in a folder of their own and in a played time that is the same in every run.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Local, TOKEN, sleep, until } from '../contract/client/local.mjs';

export { sleep, until };

export const ANYA = 7000000001;
export const BEN = 7000000002;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const ZONE = 'Europe/Moscow';
// Where played time begins: a Monday far enough ahead for every machine's clock.
export const MONDAY = Date.parse('2035-03-05T08:30:00+03:00');
const JUMP = 366 * DAY; // the longest at once
const STOP_MS = 12_000;

function faketime() {
  for (const folder of readdirSync('/usr/lib')) {
    const file = `/usr/lib/${folder}/faketime/libfaketime.so.1`;
    if (existsSync(file)) return file;
  }
  throw new Error('libfaketime is not installed');
}

function bankWithCode(bank, folder) {
  const cut =
    'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]);' +
    ` db.execute("DELETE FROM quiz WHERE code = ''"); db.commit()`;
  const file = join(folder, 'bank.db');
  copyFileSync(bank, file);
  execFileSync('/usr/bin/python3', ['-c', cut, file]);
  return file;
}

export class Bottle {
  // `bot` false: only the local Telegram, and the test speaks as the bot by `api`. `coded`: the
  // bank has no quizzes but those that show code.
  static async start(options, { bot = true, at = MONDAY, limits = true, coded = false } = {}) {
    const bottle = new Bottle();
    bottle.options = { ...options };
    bottle.folder = mkdtempSync(join(tmpdir(), 'sobes-browser-'));
    bottle.log = join(bottle.folder, 'bot.log');
    bottle.port = 0;
    bottle.limits = limits ? 'on' : 'off'; // flood limits
    try {
      if (coded) bottle.options.bank = bankWithCode(options.bank, bottle.folder);
      await bottle.serve();
      await bottle.travelTo(at);
      if (bot) await bottle.startBot();
    } catch (trouble) {
      await bottle.end();
      throw trouble;
    }
    return bottle;
  }

  // Again on the same port, with the chat that was kept.
  async serve() {
    const kept = ['--keep', this.folder, '--clock', join(this.folder, 'clock')];
    this.local = await Local.start(resolve(this.options.telegram), [
      '--port',
      String(this.port),
      '--limits',
      this.limits,
      ...kept,
    ]);
    this.url = this.local.url;
    this.port = Number(new URL(this.url).port);
  }

  async startBot() {
    const log = openSync(this.log, 'a');
    this.bot = spawn(resolve(this.options.sobes), {
      cwd: this.folder,
      stdio: ['ignore', log, log],
      env: {
        PATH: '/usr/bin:/bin',
        BOT_TOKEN: TOKEN,
        API_URL: this.url,
        DB_PATH: join(this.folder, 'sobes.db'),
        BANK_PATH: resolve(this.options.bank),
        HEALTH_ADDR: 'off',
        LD_PRELOAD: faketime(),
        FAKETIME_TIMESTAMP_FILE: join(this.folder, 'clock'),
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        DONT_FAKE_MONOTONIC: '1',
        FAKETIME_NO_CACHE: '1',
      },
    });
    this.botOver = new Promise((done) => {
      this.bot.once('error', (trouble) => done(trouble.message));
      this.bot.once('exit', (code, signal) => done(signal ?? code));
    });
    await until(
      () => this.botLives() && this.said().includes(`started pid=${this.bot.pid}`),
      'the bot has started',
    );
  }

  // The server is gone in the middle of whatever it did.
  async crash() {
    this.local.process.kill('SIGKILL');
    await this.local.over;
  }

  botLives() {
    return Boolean(this.bot?.pid) && this.bot.exitCode === null && this.bot.signalCode === null;
  }

  said() {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }

  // What the bot complained of: not of time, which jumps here.
  complaints() {
    return this.said()
      .split('\n')
      .filter((line) => line && !/^(info|debug) |^warn loop: the clock moved by /.test(line));
  }

  control(verb, fields) {
    return this.local.control(verb, fields);
  }

  // A call of the Bot API, as the bot would make it. Files are [bytes, name, mime].
  async api(method, fields) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (value?.file) form.append(name, new Blob([value.file], { type: value.mime }), value.name);
      else form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
    const answer = await (
      await fetch(`${this.url}/bot${TOKEN}/${method}`, { method: 'POST', body: form })
    ).json();
    if (!answer.ok) throw new Error(`${method}: ${answer.description}`);
    return answer.result;
  }

  // Played time.
  async now() {
    const answer = await this.control('clock', { by_ms: 1 });
    return answer.clock.now_ms;
  }

  async travelTo(ms) {
    for (let left = ms - (await this.now()); left > 0; left -= JUMP)
      await this.control('clock', { by_ms: Math.round(Math.min(left, JUMP)) });
  }

  // Oldest first.
  async messages(chat, limit = 1000) {
    return (await this.local.messages(chat, limit)).reverse();
  }

  async fromBot(chat) {
    return (await this.messages(chat)).filter((m) => m.from !== chat && !m.service);
  }

  // Gives the bot's exit code.
  async stopBot() {
    if (!this.bot) return 0;
    if (this.botLives()) this.bot.kill('SIGTERM');
    const hard = setTimeout(() => this.bot.kill('SIGKILL'), STOP_MS);
    const code = await this.botOver;
    clearTimeout(hard);
    return code;
  }

  async end() {
    const code = await this.stopBot();
    if (this.local) await this.local.stop();
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}
