import type { Mutation } from '../mutation.js';

const FORMS = 'test/config/ansible/forms.test.ts';
const WAYS = 'test/config/ansible/ways.test.ts';
const FILES = 'test/config/ansible/files.test.ts';
const ASK = 'test/config/ansible/ask.test.ts';

/** Inventories that other tools and people wrote. */
export const HOSTS_INI_MUTATIONS: readonly Mutation[] = [
  {
    name: 'inventory: a file that may be run is no program yet',
    protects: 'nothing is run but scripts that name their interpreter, and binaries',
    file: 'src/config/inventory/read/files.ts',
    find: "return mayRun && isProgram(await headOf(path)) ? 'program' : 'text';",
    without: "return mayRun && (await headOf(path)).length > 0 ? 'program' : 'text';",
    noticedBy: [`${FORMS} > is data whatever its mode`],
  },
  {
    name: 'inventory: a ProxyCommand that is no jump',
    protects: 'a host behind a proxy is never dialled directly',
    file: 'src/config/ansible/ssh-args.ts',
    find: '      if (command === null) return',
    without: '      if (command === null) return null;\n      if (command === undefined) return',
    noticedBy: [`${WAYS} > is never dialled directly`],
  },
  {
    name: 'trust: files of variables',
    protects:
      'no group_vars or host_vars of another user are read from an inventory that was found',
    file: 'src/config/ansible/vars-files.ts',
    find: '  await reading.trust(path);\n',
    without: '',
    noticedBy: [
      `${FILES} > that another user could have written is refused, its files of variables too`,
    ],
  },
  {
    name: 'trust: what ansible-inventory is run on',
    protects: 'no plugin or lookup of another user is run',
    file: 'src/config/ansible/ask.ts',
    find: '    if (found !== null) {\n',
    without: '    if (found !== null && path === machine.home) {\n',
    noticedBy: [`${ASK} > never about files that another user could have written`],
  },
];
