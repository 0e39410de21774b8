/** The parts of an app's root that are checked for write access; `.` is the root itself. */
export const ROOT_PARTS = [
  '.',
  'releases',
  'shared',
  '.fleet',
  '.fleet/state',
  '.fleet/lock',
] as const;

export type RootPart = (typeof ROOT_PARTS)[number];
