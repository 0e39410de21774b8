// `npm run demo`: the walk of examples/shop/README.md on a practice fleet of six hosts, typed as a
// user would. Ends with 0 only if every command ended as the walk says, and leaves nothing behind.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(checkout, 'examples/shop');
ensureBuilt();
const scratch = mkdtempSync(join(tmpdir(), 'fleet-demo-'));
const shop = join(scratch, 'shop');
const lab = join(scratch, 'lab');
// The demo's runs and its history stay out of the user's own.
const env = { ...process.env, XDG_STATE_HOME: join(scratch, 'state') };
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    interrupted = true;
  });

class Deviation extends Error {}

try {
  await walk();
  say('That was the walk: every command ended as it should.');
} catch (error) {
  if (!(error instanceof Deviation)) throw error;
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = interrupted ? 130 : 1;
} finally {
  await call(['lab', 'down', '--dir', lab], { quiet: true });
  rmSync(scratch, { recursive: true, force: true });
}

async function walk() {
  say('Six hosts on this machine, each with SSH, a home and a service; no root, no install.');
  await fleet(['lab', 'up', '--hosts', '6', '--dir', lab]);
  await startRepository();
  await fleet(['check']);

  say('A first release: one canary, half of the rest, then the rest.');
  const good = await commit('good', 'Open the shop');
  await fleet(['deploy', '-g', 'prod', '--yes']);
  await expectEverywhere(good);

  say('A better one.');
  const better = await commit('better', 'Open all night');
  await fleet(['deploy', '-g', 'prod', '--yes']);
  await expectEverywhere(better);

  say(
    'One that dies 300 ms after it started: the canary is rolled back, the others never touched.',
  );
  await commit('dies', 'Open for ever');
  await fleet(['deploy', '-g', 'prod', '--yes'], 4);
  await fleet(['status', '-g', 'prod']);
  await expectEverywhere(better);

  say('Back to the first release, by the first letters of its commit.');
  await fleet(['rollback', '-g', 'prod', '--to', good.slice(0, 7), '--yes']);
  await expectEverywhere(good);
  await fleet(['status', '-g', 'prod']);
  await fleet(['releases', '-g', 'prod']);
  await fleet(['history']);
  await fleet(['lab', 'down', '--dir', lab]);
}

async function startRepository() {
  mkdirSync(join(shop, 'inventories'), { recursive: true });
  cpSync(join(example, 'fleet.yaml'), join(shop, 'fleet.yaml'));
  cpSync(join(lab, 'inventory.yaml'), join(shop, 'inventories/lab.yaml'));
  await git('init', '--quiet');
}

/** Makes a release of the example the content of app/; gives back its commit. */
async function commit(release, message) {
  rmSync(join(shop, 'app'), { recursive: true, force: true });
  cpSync(join(example, 'releases', release), join(shop, 'app'), { recursive: true });
  await git('add', '--all');
  const person = ['-c', 'user.name=Demo', '-c', 'user.email=demo@example.com'];
  await git(...person, '-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', message);
  return (await git('rev-parse', 'HEAD')).trim();
}

/** Asks the fleet, and holds it to what it says: `current` and the running process on this commit. */
async function expectEverywhere(commit) {
  const { code, stdout } = await call(['status', '-g', 'prod', '--json'], { quiet: true });
  if (code !== 0) throw new Deviation(`status --json ended with ${code}`);
  const { hosts } = JSON.parse(stdout);
  const off = hosts.filter(
    (host) =>
      host.commit !== commit || host.serving !== host.release || host.unit.active !== 'active',
  );
  if (hosts.length === 6 && off.length === 0) return;
  throw new Deviation(`not all six hosts serve ${commit}: ${JSON.stringify(off)}`);
}

async function fleet(args, expected = 0) {
  process.stdout.write(`\n${bold(`$ fleet ${args.join(' ')}`)}\n`);
  const { code } = await call(args);
  if (interrupted) throw new Deviation('interrupted');
  if (code !== expected)
    throw new Deviation(`fleet ${args[0]} ended with ${code}, not ${expected}`);
  if (expected !== 0) process.stdout.write(`(exit code ${code}, as it should be)\n`);
}

function call(args, { quiet = false } = {}) {
  const program = join(checkout, 'bin/fleet.js');
  return run(
    process.execPath,
    [program, ...args],
    quiet ? ['ignore', 'pipe', 'ignore'] : 'inherit',
  );
}

async function git(...args) {
  const { code, stdout } = await run('git', args, ['ignore', 'pipe', 'inherit']);
  if (code !== 0) throw new Deviation(`git ${args.join(' ')} ended with ${code}`);
  return stdout;
}

function run(command, args, stdio) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: existsSync(shop) ? shop : scratch, env, stdio });
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

function say(text) {
  process.stdout.write(`\n${text}\n`);
}

function bold(text) {
  return process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m` : text;
}
