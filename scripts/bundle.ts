import { type BuildOptions, build, type Plugin } from 'esbuild';

export interface BundleOptions {
  readonly entries: readonly string[];
  readonly folder: string;
}

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  // Names stay, for stack traces; what is not there need not be compiled.
  minifyWhitespace: true,
  minifySyntax: true,
  // Node shows the line of an error that nothing caught.
  lineLimit: 160,
  logLevel: 'warning',
};

/** Bundles programs that Node starts by itself: ES modules, what they share in files of its own. */
export async function bundleModules({ entries, folder }: BundleOptions): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: [...entries],
    outdir: folder,
    entryNames: '[name]',
    splitting: true,
    format: 'esm',
    // They load native code from beside themselves.
    external: ['ssh2', 'libsql'],
    // CommonJS packages among the bundled ones ask for Node's own modules by require.
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
  });
}

/** Bundles a program into one CommonJS module, which `bin/load.js` can hand to V8 as one script. */
export async function bundleScript(entry: string, file: string): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: [entry],
    outfile: file,
    format: 'cjs',
    // A script that Node has not loaded itself cannot import.
    supported: { 'dynamic-import': false },
    // What reaches servers of other kinds is loaded only when such a server is named.
    external: ['ioredis', 'libsql', 'mysql2', 'nodemailer', 'pg'],
    plugins: [sshCryptoStaysInPlace],
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: {
      js: "'use strict';\nconst importMetaUrl = require('node:url').pathToFileURL(__filename).href;",
    },
  });
}

/** ssh2 looks for its addon beside its source, which is not where the bundle is; it does without one. */
const sshCryptoStaysInPlace: Plugin = {
  name: 'ssh2 addon',
  setup({ onResolve }) {
    onResolve({ filter: /\/crypto\/build\/Release\/sshcrypto\.node$/ }, () => ({
      path: 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node',
      external: true,
    }));
  },
};
