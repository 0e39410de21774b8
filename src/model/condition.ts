/**
 * What a host is to the app's service at this moment.
 * - `serving`: every unit is up; to work on it takes it out of service, which costs budget
 * - `new`: it never served the app; it is missed by no one, and never counted as out
 * - `out`: it has served and does not now; it may always be worked on, as that makes nothing worse
 */
export type HostCondition =
  | { readonly kind: 'serving' }
  | { readonly kind: 'new' }
  | { readonly kind: 'out'; readonly why: string };
