/** What of an app's root a host is asked whether the login user may write it; `.` is the root. */
export const ROOT_PARTS = [
  '.',
  'releases',
  'shared',
  '.fleet',
  '.fleet/state',
  '.fleet/lock',
] as const;

export type RootPart = (typeof ROOT_PARTS)[number];
