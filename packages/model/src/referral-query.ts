import type { BindRules, ValueReader } from '@cosell/odata';
import { childTables, referralColumns } from './columns.ts';
import { foldEmail } from './email.ts';
import { referralEntityModel } from './entity-model-of.ts';
import { salesStageSpellings } from './sales-stage.ts';

/** Ids are stored in lower case and may be asked for in either (decision 28). */
const idReader: ValueReader = { read: (text) => [text.toLowerCase()] };

/** Addresses compare without regard to case, as everywhere else. */
const emailReader: ValueReader = { read: (text) => [foldEmail(text)] };

/** How queries of referrals are read: decisions 18 and 22. */
export const referralQueryRules: BindRules = {
  model: referralEntityModel(),
  entityType: 'Referral',
  // Documented in 2019 as a property of its own.
  aliases: { email: { collection: ['team'], member: 'email' } },
  readers: {
    salesStage: { read: salesStageSpellings, takesNumbers: true },
    ...Object.fromEntries(
      referralColumns.filter(({ kind }) => kind === 'id').map(({ path }) => [path.join('/'), idReader]),
    ),
    ...Object.fromEntries(childTables.map(({ path }) => [`${path.join('/')}/email`, emailReader])),
  },
};
