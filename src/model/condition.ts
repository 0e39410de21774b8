/**
 * What a host is to the app's service at this moment.
 * - `serving`: every unit is up; updating it takes it out of service, which costs budget
 * - `new`: it never served the app; it is never counted as out of service
 * - `out`: it has served and does not now; it may always be updated, as that makes nothing worse
 */
export type HostCondition =
  | { readonly kind: 'serving' }
  | { readonly kind: 'new' }
  | { readonly kind: 'out'; readonly why: string };
