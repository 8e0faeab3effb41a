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
  batch.push(JSON.parse(document));
  if (batch.length === batchSize) {
    await cds.run(INSERT.into('cosell.bench.Referrals').entries(batch));
    batch = [];
  }
}
if (batch.length > 0) await cds.run(INSERT.into('cosell.bench.Referrals').entries(batch));
ours.close();
process.exit();
