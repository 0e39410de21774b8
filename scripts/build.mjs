// `npm run build`: src/ into dist/, a few files instead of a thousand. What a command imports is
// then read in one go, which halves the time to its first line. Types are checked by `npm run types`.
import { cpSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

// Beside the old build, so that a command that starts meanwhile finds one or the other.
const target = at('dist.new');
rmSync(target, { recursive: true, force: true });
await build({
  entryPoints: [at('src/cli/main.ts'), at('src/lab/daemon.ts')],
  outdir: target,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  // Names stay, for stack traces; what is not there need not be compiled.
  minifyWhitespace: true,
  minifySyntax: true,
  // They load native code from beside themselves.
  external: ['ssh2', 'libsql'],
  // CommonJS packages among the bundled ones ask for Node's own modules by require.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
// The host program and the practice fleet's shims are shell texts that are read at run time.
cpSync(at('src/host/program'), `${target}/program`, { recursive: true });
cpSync(at('src/lab/shims'), `${target}/shims`, { recursive: true });
rmSync(at('dist'), { recursive: true, force: true });
renameSync(target, at('dist'));
