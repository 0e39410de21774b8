// `node scripts/warm-up.mjs FOLDER`: what V8 compiles of the build in FOLDER while that plans a deploy to
// a practice host is kept beside it, for every later start. A run's own code adds nothing that could be
// measured (docs/decisions/020), and could fail in more ways.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProgram, writeCompiled } from '../bin/load.js';

const [, , dist = ''] = process.argv;
const scratch = mkdtempSync(join(tmpdir(), 'fleet-warm-up-'));
const lab = join(scratch, 'lab');

// Nothing of the person who builds: no keys, no ssh_config, no history.
const { PATH } = process.env;
process.env = { PATH, TMPDIR: tmpdir(), HOME: scratch, XDG_STATE_HOME: join(scratch, 'state') };
process.chdir(scratch);
const { script, exports } = loadProgram(dist);
try {
  await fleet('lab', 'up', '--hosts', '1', '--dir', lab);
  writeShop();
  await fleet('check');
  await fleet('deploy', '-g', 'prod', '--dry-run');
  writeCompiled(dist, script);
} finally {
  await exports.run(['lab', 'down', '--dir', lab]);
  process.chdir('/');
  rmSync(scratch, { recursive: true, force: true });
}

/** An app with one file, for the hosts of the lab. */
function writeShop() {
  const lines = ['app: shop', 'root: ~/shop', 'service: { unit: shop.service }'];
  writeFileSync('fleet.yaml', [...lines, 'release: { from: ./release }', ''].join('\n'));
  mkdirSync('release');
  writeFileSync('release/index.html', 'open\n');
  mkdirSync('inventories');
  const inventory = readFileSync(join(lab, 'inventory.yaml'), 'utf8');
  writeFileSync(
    'inventories/lab.yaml',
    inventory.replace('ssh:\n', '$&  config_file: ../ssh_config\n'),
  );
  writeFileSync('ssh_config', '# in the place of that of this machine\n');
}

async function fleet(...args) {
  const code = await exports.run(args);
  if (code !== 0) throw new Error(`fleet ${args.join(' ')} ended with ${code}`);
}
