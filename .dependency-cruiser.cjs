/** The floors of the house: an import goes down, never up, sideways or in a circle. */
const floors = [
  ['async', 'errors', 'files', 'model'],
  ['artifact', 'config', 'events', 'rollout', 'transport'],
  ['history', 'host', 'notify', 'telemetry', 'ui'],
  ['engine'],
  ['cli'],
];

// The ground floor's rooms know each other; the lab stands beside the house, and only cli enters it.
const beside = (floor, rooms) => (floor === 0 ? rooms : floor === 4 ? ['lab'] : []);
const room = (name) => `^src/${name}/`;

const rules = floors.flatMap((rooms, floor) =>
  rooms.map((name) => ({
    name: `floor-of-${name}`,
    comment: `${name} may import only what lies on lower floors`,
    severity: 'error',
    from: { path: room(name) },
    to: {
      path: '^src/',
      pathNot: [name, ...floors.slice(0, floor).flat(), ...beside(floor, rooms)].map(room),
    },
  })),
);

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pure-floors',
      comment: 'model and rollout have no side effects; of packages, only zod is as pure',
      severity: 'error',
      from: { path: ['^src/model/', '^src/rollout/'] },
      to: { dependencyTypes: ['core', 'npm'], pathNot: '^node_modules/zod/' },
    },
    {
      name: 'lab-stands-beside',
      comment: 'only the lab commands use the practice fleet',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/lab/', '^src/cli/'] },
      to: { path: '^src/lab/' },
    },
    {
      name: 'lab-below-cli',
      severity: 'error',
      from: { path: '^src/lab/' },
      to: { path: '^src/cli/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
