/** The sample exchange as the tests see it: written by hand, not read from the file that is tested. */
export const ids = {
  /** Contoso's incoming lead, for the whole company. */
  lead: 'c5fbb3b6-be74-4795-9fb5-4324c73fed37',
  /** Contoso's half of the co-sell deal with Microsoft; Redmond. */
  coSell: '4111fffc-f9ee-4d53-bba6-569135228642',
  /** Microsoft's half of it, still pending. */
  coSellOfMicrosoft: '49d90c72-3326-4f61-aacc-2cb57970448c',
  /** Contoso's private deal; London. */
  london: '9a1d2c3b-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
  /** Contoso's partner-led deal; Redmond, Jane is on its team. */
  partnerLed: '2f4e6d8c-1a3b-4c5d-9e7f-8a9b0c1d2e3f',
  /** A lead from the marketplace, kept for Contoso. */
  marketplace: '6b5a4938-2716-4504-93f2-e1d0c9b8a796',
  /** Tailspin's private deal. */
  tailspin: 'd3c2b1a0-9f8e-4d7c-8b6a-594837261504',
  /** Contoso's half of the deal with Tailspin; Redmond. */
  joint: 'a7b8c9d0-e1f2-4031-8425-364758697a8b',
  /** Tailspin's half of it, accepted. */
  jointOfTailspin: 'b8c9d0e1-f203-4142-8536-475869708192',
  /** Contoso's won deal; Redmond, Jane is on its team. */
  won: 'e1f20314-2536-4758-8697-a8b9c0d1e2f3',
  /** Contoso's expired lead; London. */
  expired: '0d1e2f30-4152-4637-8485-96a7b8c9d0e1',
} as const;

/** Ids of nothing. */
export const unknownIds = [
  '00000000-0000-4000-8000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'c5fbb3b6-be74-4795-9fb5-4324c73fed38',
];

export const users = {
  admin: 'contoso-admin',
  member: 'contoso-user',
  london: 'contoso-london-admin',
  nobody: 'contoso-no-role',
  seller: 'microsoft-seller',
  tailspin: 'tailspin-admin',
} as const;

export const organizations = {
  contoso: '7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d',
  microsoft: 'msft',
  tailspin: '5b0c9c1e-6f5d-4c57-8a5e-2d1f0e9b7a43',
} as const;

/** Tenant and object ids, as their tokens name them. */
export const subjects = {
  admin: { tid: '3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e', oid: '00000000-0000-4000-8000-0000000c0001' },
  member: { tid: '3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e', oid: '00000000-0000-4000-8000-0000000c0002' },
  nobody: { tid: '3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e', oid: '00000000-0000-4000-8000-0000000c0004' },
  tailspin: { tid: 'a4e1b7c2-53d6-4f80-9b1c-6e2d8f7a0c35', oid: '00000000-0000-4000-8000-0000000b0001' },
} as const;
