/** Fills the database of SAP CAP with the documents of one of ours: `node fill.js <our database>`. */
import cds from '@sap/cds';
import Database from 'better-sqlite3';

/** Rows of one insert. */
const batchSize = 500;

const model = await cds.load('*');
cds.model = cds.compile.for.nodejs(model);
await cds.deploy(model).to('db');
const ours = new Database(process.argv[2], { readonly: true });
const documents = ours.prepare(
  "select document from referral_documents where organization_id = (select id from organizations where name = 'Contoso Company')",
);
let batch = [];
for (const { document } of documents.iterate()) {
  const referral = JSON.parse(document);
  const members = referral.team.map(({ firstName, lastName, email }, position) => ({
    position,
    firstName,
    lastName,
    email,
  }));
  batch.push({ ...flat(referral), members });
  if (batch.length === batchSize) {
    await cds.run(INSERT.into('cosell.bench.Referrals').entries(batch));
    batch = [];
  }
}
if (batch.length > 0) await cds.run(INSERT.into('cosell.bench.Referrals').entries(batch));
ours.close();
process.exit();

/**
 * CAP keeps a structure as columns of its own, named by their path, and drops what is given in another form.
 *
 * @param {Record<string, unknown>} owner
 * @param {string} before
 * @returns {Record<string, unknown>}
 */
function flat(owner, before = '') {
  const members = Object.entries(owner).flatMap(([name, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(flat(/** @type {Record<string, unknown>} */ (value), `${before}${name}_`))
      : [[`${before}${name}`, value]],
  );
  return Object.fromEntries(members);
}
