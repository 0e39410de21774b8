/** Messages of the SSH connection protocol, by their numbers (RFC 4254, section 9). */
export const MESSAGE = {
  open: 90,
  openConfirmation: 91,
  openFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  failure: 100,
} as const;
