import { seededRandom } from './statistics.js';

/**
 * A body in two parts; what differs from request to request goes between them.
 *
 * @typedef {object} Body
 * @property {string} before
 * @property {string} after
 */

/** Stands where something is put in. */
const open = '{open}';

const cities = [
  { city: 'Lisbon', state: null, postalCode: '1100-148', country: 'PT' },
  { city: 'Osaka', state: null, postalCode: '530-0001', country: 'JP' },
  { city: 'Toronto', state: 'ON', postalCode: 'M5H 2N2', country: 'CA' },
  { city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' },
];

/** Bodies that are made beforehand, so that the load generator only puts them together. */
const variants = 64;

/**
 * Bodies of POST: a deal of some 1.6 kB, as a partner's system sends it. The name of the referral is open.
 *
 * @param {number} seed
 * @param {'Independent' | 'Shared'} type
 * @returns {Body[]}
 */
export function creationBodies(seed, type) {
  const random = seededRandom(seed);
  return Array.from({ length: variants }, () => split(JSON.stringify(deal(random, type))));
}

/**
 * Bodies of POST that connect Microsoft to an engagement, whose id is open.
 *
 * @param {number} seed
 * @returns {Body[]}
 */
export function invitationBodies(seed) {
  const random = seededRandom(seed);
  return Array.from({ length: variants }, () => {
    const shared = deal(random, 'Shared');
    // Microsoft's sellers see what they are invited to.
    const consent = { ...shared.consent, consentToShareReferralWithMicrosoftSellers: true };
    const target = [{ type: 'BusinessProfileLocation', id: 'msft' }];
    return split(JSON.stringify({ ...shared, name: 'Co-sell', consent, engagementId: open, target }));
  });
}

/** A PATCH of the notes, which are open. */
export const patchBody = split(
  JSON.stringify([{ op: 'replace', path: '/details/notes', value: `The customer has called again: ${open}` }]),
);

/** A PATCH by which Microsoft accepts; nothing in it is open. */
export const acceptBody = JSON.stringify([
  { op: 'replace', path: '/status', value: 'Active' },
  { op: 'replace', path: '/substatus', value: 'Accepted' },
]);

/**
 * @param {(below: number) => number} random
 * @param {'Independent' | 'Shared'} type
 */
function deal(random, type) {
  const address = {
    addressLine1: `${1 + random(200)} High Street`,
    addressLine2: '',
    ...cities[random(cities.length)],
  };
  return {
    name: open,
    type,
    qualification: 'Direct',
    externalReferenceId: `CRM-${random(1_000_000)}`,
    customerProfile: {
      name: `Northwind Traders ${random(1_000_000)}`,
      address,
      size: '51to250employees',
      team: [person('Sue', 'Smith', `sue.${random(1_000)}@northwind.example`)],
    },
    consent: {
      consentToToShareInfoWithOthers: true,
      consentToContact: true,
      consentToShareReferralWithMicrosoftSellers: false,
    },
    details: {
      notes: 'The customer moves its data platform in three steps. Training for the staff is part of the offer.',
      dealValue: random(5_000_000) / 10,
      currency: 'EUR',
      closingDateTime: `202${7 + random(3)}-06-30T00:00:00Z`,
      requirements: {
        industries: [{ id: 'Education' }],
        products: [{ id: 'Microsoft365' }],
        services: [{ id: 'LearningAndCertification' }],
        solutions: [{ id: 'SOL-Microsoft365', name: 'Microsoft365', type: 'Name' }],
      },
    },
    team: [
      person('Ana', 'Almeida', 'ana.almeida@contoso.com'),
      person('Goran', 'Fischer', `goran.${random(1_000)}@contoso.com`),
    ],
  };
}

/**
 * @param {string} firstName
 * @param {string} lastName
 * @param {string} email
 */
function person(firstName, lastName, email) {
  const contactPreference = { locale: 'en-us', disableNotifications: false };
  return { firstName, lastName, phoneNumber: '1234567890', email, title: null, contactPreference };
}

/**
 * @param {string} text
 * @returns {Body}
 */
function split(text) {
  const at = text.indexOf(open);
  return { before: text.slice(0, at), after: text.slice(at + open.length) };
}
