import { flag, oneOrMore, section, text } from '../../../schema/words.js';

const MOBILE = 'a mobile number in quotes';
const USER = 'the id of a user';

export const mobiles = oneOrMore(text(/^\+?\d[\d-]{4,19}$/, MOBILE), `${MOBILE}, or a list`);

/** No id has a character that would be markup where it is put. */
export const users = oneOrMore(text(/^[A-Za-z0-9._-]{1,64}$/, USER), `${USER}, or a list`);

/** Whom a robot mentions. Only what fleet.yaml says is ever a mention. */
export const mobilesAndUsers = section({
  mobiles: mobiles.optional(),
  users: users.optional(),
  all: flag.optional(),
});
