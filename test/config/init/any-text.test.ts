import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fleetSchema } from '../../../src/config/fleet/schema.js';
import { readAnsible } from '../../../src/config/init/ansible/read.js';
import { readCapistrano } from '../../../src/config/init/capistrano/read.js';
import { readDeployerPhp } from '../../../src/config/init/deployer/read-php.js';
import { readDeployerYaml } from '../../../src/config/init/deployer/read-yaml.js';
import { importedFleet, importedInventory } from '../../../src/config/init/import-text.js';
import type { Imported, ImportFile } from '../../../src/config/init/imported.js';
import { readKamal } from '../../../src/config/init/kamal/read.js';
import { inventorySchema } from '../../../src/config/inventory/read/schema.js';
import { readYaml } from '../../../src/config/yaml/file.js';

const READERS: Readonly<Record<string, (file: ImportFile) => Imported>> = {
  Capistrano: (deploy) =>
    readCapistrano({ capfile: null, deploy, stages: new Map([['production', deploy]]) }),
  'Deployer in PHP': readDeployerPhp,
  'Deployer in YAML': readDeployerYaml,
  Kamal: readKamal,
  Ansible: (file) => readAnsible({ files: [file], hosts: [] }),
};

/** Pieces that mean something to one of the readers, in any order. */
const PIECES = [
  ...[
    'set',
    ' :application, ',
    "'",
    '"',
    '#{',
    '}',
    '`rm -rf x`',
    '%w[',
    ']',
    '(',
    ')',
    '{',
    '<<~A',
  ],
  ...['\n', ';', ' do', 'end\n', 'server ', 'role ', 'host(', '->set(', '=>', ',', '[', '\\', '/'],
  ...[
    '<?php ',
    '/*',
    '*/',
    '//',
    '{{application}}',
    '$x',
    '<%= x %>',
    '<%',
    'servers:\n',
    '  - web1\n',
  ],
  ...[
    'service: shop\n',
    'ansistrano_deploy_to: ',
    "append :linked_dirs, 'log'\n",
    '__END__',
    '=begin\n',
  ],
  ...[
    "set :application, 'shop'\n",
    "server 'a.example.com', user: 'x', roles: %w{app}\n",
    '%',
    ':',
    '+',
  ],
  ...[
    "set('application', 'shop');",
    "host('b')->setPort(99999);",
    'linked_dirs',
    'deploy_to',
    '~/x',
  ],
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join('')),
);

const validates = (found: Imported): void => {
  const [fleet, inventory] = [importedFleet(found).text, importedInventory(found).text].map(
    (each) => readYaml('x', each),
  );
  expect(fleet?.problems).toEqual([]);
  expect(fleetSchema.safeParse(fleet?.root?.value).error).toBeUndefined();
  expect(inventory?.problems).toEqual([]);
  expect(inventorySchema.safeParse(inventory?.root?.value).error).toBeUndefined();
};

describe.each(Object.entries(READERS))('any text for %s', (_, read) => {
  test('is read without an error, and what is written of it validates', () => {
    fc.assert(fc.property(text, (each) => validates(read({ name: 'x', text: each }))));
  });

  test.each(['[', '{', '(', '"', "set :a, '", '#{', '<%=', '%w[', '/*', 'do ', '{{application}}'])(
    'of a hundred thousand times %j is read in time',
    (piece) => {
      const long = piece.repeat(100_000);
      const since = performance.now();
      read({ name: 'x', text: `set :application, ${long}\nset('application', '${long}');` });
      expect(performance.now() - since).toBeLessThan(8_000);
    },
    20_000,
  );
});
