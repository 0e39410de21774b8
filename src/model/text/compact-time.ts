/** `20261123T163000Z`: UTC to the second, for ids that sort by time and are names of folders. */
export function compactTime(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
