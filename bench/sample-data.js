import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { seededRandom } from './statistics.js';

/** The file of sample referrals, below the root of a checkout. */
export const sampleFile = 'packages/server/sample/exchange.json';

const firstNames = ['Ana', 'Bilal', 'Chen', 'Dora', 'Emeka', 'Freya', 'Goran', 'Hana', 'Ivo', 'Jun', 'Kofi', 'Léa'];
const lastNames = ['Almeida', 'Bauer', 'Cohen', 'Duarte', 'Eriksen', 'Fischer', 'García', 'Haddad', 'Ito', 'Jansen'];
const customers = ['Adatum', 'Blue Yonder', 'City Power', 'Fourth Coffee', 'Litware', 'Northwind', 'VanArsdel'];
const purposes = ['Analytics', 'Backup', 'Call centre', 'Data platform', 'Devices', 'Migration', 'Security'];
const cities = [
  { city: 'Lisbon', state: null, postalCode: '1100-148', country: 'PT' },
  { city: 'Osaka', state: null, postalCode: '530-0001', country: 'JP' },
  { city: 'Toronto', state: 'ON', postalCode: 'M5H 2N2', country: 'CA' },
  { city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' },
  { city: 'Vienna', state: null, postalCode: '1010', country: 'AT' },
];
const currencies = ['USD', 'EUR', 'GBP', 'JPY', 'CAD'];
const sentences = [
  'The customer asks for a proof of concept first.',
  'The old licences end with the quarter.',
  'A second site joins later in the year.',
  'Training for the staff is part of the offer.',
  'The decision is with the board.',
];

/** @typedef {(below: number) => number} Random */

/**
 * A referral as the sample has it; only what is changed here is named.
 *
 * @typedef {object} SampleReferral
 * @property {string} id
 * @property {string} organizationId
 * @property {string} status
 * @property {string} [referralSource]
 * @property {{ address: Record<string, unknown>, team?: unknown[] }} customerProfile
 * @property {Record<string, unknown>} details
 */

/**
 * Writes referrals of Contoso as NDJSON in the form of the wire, and their ids, one a line: of all of them, and of those
 * that are still open. The same number gives the same files.
 *
 * @param {string} root of the checkout whose sample they are made from
 * @param {number} number
 * @param {{ referralsFile: string, idsFile: string, openIdsFile: string }} files
 */
export async function writeSampleData(root, number, { referralsFile, idsFile, openIdsFile }) {
  const templates = readTemplates(root);
  const random = seededRandom(20_261_101);
  const referrals = createWriteStream(referralsFile);
  const ids = createWriteStream(idsFile);
  const openIds = createWriteStream(openIdsFile);
  for (let index = 0; index < number; index += 1) {
    const id = guid(random);
    ids.write(`${id}\n`);
    const template = templates[index % templates.length];
    if (template === undefined) throw new Error('the sample has no referral of Contoso');
    if (template.status !== 'Closed') openIds.write(`${id}\n`);
    if (!referrals.write(`${JSON.stringify(vary(template, id, index, random))}\n`)) await once(referrals, 'drain');
  }
  referrals.end();
  ids.end();
  openIds.end();
  await Promise.all([referrals, ids, openIds].map((stream) => finished(stream)));
}

/**
 * The sample's referrals of Contoso, without leads from the marketplace, which are not served.
 *
 * @param {string} root
 * @returns {SampleReferral[]}
 */
export function readTemplates(root) {
  const { directory, referrals } = JSON.parse(readFileSync(join(root, sampleFile), 'utf8'));
  const contoso = directory.find((/** @type {{ name?: string }} */ entry) => entry.name === 'Contoso Company');
  return referrals.filter(
    (/** @type {SampleReferral} */ referral) =>
      referral.organizationId === contoso?.id && referral.referralSource === undefined,
  );
}

/**
 * @param {SampleReferral} template
 * @param {string} id
 * @param {number} index
 * @param {Random} random
 */
function vary(template, id, index, random) {
  const created = Date.UTC(2024, 0, 1) + random(700 * 86_400) * 1_000;
  const updated = created + random(30 * 86_400) * 1_000;
  const customer = `${pick(customers, random)} ${pick(purposes, random)} ${index}`;
  const { customerProfile, details } = template;
  return {
    ...template,
    id,
    engagementId: guid(random),
    name: `${pick(purposes, random)} for ${customer}`,
    createdDateTime: instant(created),
    updatedDateTime: instant(updated),
    ...(template.status === 'Closed' ? { closedDateTime: instant(updated) } : {}),
    externalReferenceId: `CRM-${index}`,
    customerProfile: {
      ...customerProfile,
      name: customer,
      address: { ...customerProfile.address, addressLine1: `${1 + random(200)} High Street`, ...pick(cities, random) },
      team: people(1, `${pick(['mail', 'post'], random)}.example`, random),
    },
    details: {
      ...details,
      notes: `${details.notes} ${pick(sentences, random)} ${pick(sentences, random)}`,
      dealValue: random(5_000_000) / 10,
      currency: pick(currencies, random),
      closingDateTime: new Date(updated + random(365) * 86_400_000).toISOString().replace(/T.*/, 'T00:00:00Z'),
    },
    team: people(1 + random(2), 'contoso.com', random),
    eTag: `"${hex(random)}-0000-0700-0000-${hex(random)}0000"`,
  };
}

/**
 * @param {number} number
 * @param {string} domain
 * @param {Random} random
 */
function people(number, domain, random) {
  return Array.from({ length: number }, () => {
    const firstName = pick(firstNames, random);
    const lastName = pick(lastNames, random);
    const email = `${firstName}.${lastName}@${domain}`
      .toLowerCase()
      .normalize('NFD')
      .replace(/[^a-z.@]/g, '');
    const phoneNumber = String(1_000_000_000 + random(1_000_000_000));
    const contactPreference = { locale: 'en-us', disableNotifications: random(2) === 0 };
    return { firstName, lastName, phoneNumber, email, title: null, contactPreference };
  });
}

/** @param {number} milliseconds */
function instant(milliseconds) {
  return new Date(milliseconds).toISOString().replace('Z', '0000Z');
}

/**
 * @template Item
 * @param {readonly Item[]} items
 * @param {Random} random
 * @returns {Item}
 */
function pick(items, random) {
  return /** @type {Item} */ (items[random(items.length)]);
}

/** @param {Random} random */
function hex(random) {
  return random(2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** @param {Random} random */
function guid(random) {
  const text = hex(random) + hex(random) + hex(random) + hex(random);
  const variant = '89ab'[random(4)];
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}
