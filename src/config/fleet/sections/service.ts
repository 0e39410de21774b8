import { SERVICE_ACTIONS } from '../../../model/runs/app.js';
import { choice, oneOrMore, section, text } from '../../schema/words.js';

const unit = text(
  /^(?!-)[A-Za-z0-9:_.\\@-]{1,240}\.(service|socket|timer|target|path)$/,
  'the full name of a systemd unit, such as shop.service',
)
  // systemctl takes neither for the name of a unit, and then shows no other unit either.
  .superRefine((name, context) => {
    const [, template, suffix] = /^([^@]+)@\.([a-z]+)$/.exec(name) ?? [];
    const message =
      template === undefined
        ? `${name} is not the name of a unit: nothing is before the @`
        : `${name} is a template, which is neither started nor restarted: name an instance, such as ${template}@1.${suffix}`;
    if (template !== undefined || name.startsWith('@'))
      context.addIssue({ code: 'custom', message });
  });

/** `service:`, its units and what is done to them. */
export const service = section({
  unit: oneOrMore(unit, 'the name of a systemd unit, or a list of them'),
  action: choice(...SERVICE_ACTIONS).optional(),
  scope: choice('system', 'user').optional(),
});
