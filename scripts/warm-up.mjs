// `node scripts/warm-up.mjs FOLDER`: what the build in FOLDER compiles while it deploys to a practice
// host and rolls back is kept beside it, for every later start. Needs what the practice fleet needs.
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
  await deploy('one');
  await deploy('two');
  await fleet('rollback', '-g', 'prod', '--yes', '--output', 'tree');
  await fleet('status', '-g', 'prod');
  writeCompiled(dist, script);
} finally {
  await exports.run(['lab', 'down', '--dir', lab]);
  process.chdir('/');
  rmSync(scratch, { recursive: true, force: true });
}

async function deploy(text) {
  writeFileSync(join(scratch, 'release/index.html'), text);
  await fleet('deploy', '-g', 'prod', '--yes');
}

/** An app that only stays up, on the hosts of the lab. */
function writeShop() {
  const policy = 'policy: { min_healthy_time: 10ms, healthy_deadline: 30s }';
  const lines = ['app: shop', 'root: ~/shop', 'service: { unit: shop.service }', policy];
  writeFileSync('fleet.yaml', [...lines, 'release: { from: ./release }', ''].join('\n'));
  mkdirSync('inventories');
  const inventory = readFileSync(join(lab, 'inventory.yaml'), 'utf8');
  writeFileSync(
    'inventories/lab.yaml',
    inventory.replace('ssh:\n', '$&  config_file: ../ssh_config\n'),
  );
  writeFileSync('ssh_config', '# in the place of that of this machine\n');
  mkdirSync('release/bin', { recursive: true });
  writeFileSync('release/bin/start', '#!/bin/sh\nexec sleep 3600\n', { mode: 0o755 });
}

async function fleet(...args) {
  const code = await exports.run(args);
  if (code !== 0) throw new Error(`fleet ${args.join(' ')} ended with ${code}`);
}
