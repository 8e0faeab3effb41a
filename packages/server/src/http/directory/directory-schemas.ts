import { roles } from '@cosell/model';
import { directoryBodies, type MemberForm, type MemberForms, textForms } from './directory-members.ts';

/** Schemas of what the directory takes and answers, for the OpenAPI document. */

const text = { type: 'string' };
const flag = { type: 'boolean' };
const instant = { type: 'string', format: 'date-time' };
const orNull = { type: ['string', 'null'] };
const instantOrNull = { type: ['string', 'null'], format: 'date-time' };
const eTag = { type: 'string', description: 'For If-Match.' };
const role = { role: { enum: Object.keys(roles) }, mpnId: { ...orNull, description: 'The location; null for all.' } };

function record(properties: Readonly<Record<string, unknown>>, description?: string): Record<string, unknown> {
  const said = description === undefined ? {} : { description };
  return { type: 'object', ...said, required: Object.keys(properties), properties };
}

const secret = { id: text, hint: text, createdDateTime: instant, expirationDateTime: instantOrNull };
const client = {
  clientId: text,
  name: text,
  isActive: flag,
  createdDateTime: instant,
  secrets: { type: 'array', items: record(secret) },
};

const entries = {
  Organization: { id: text, name: text, isActive: flag, tenantIds: { type: 'array', items: text }, eTag },
  Location: { mpnId: text, name: text, profileId: text, isActive: flag, eTag },
  User: {
    ...{ name: text, email: text, tenantId: text, subject: text, isActive: flag },
    roles: { type: 'array', items: record({ id: text, ...role }) },
    eTag,
  },
  RoleAssignment: { id: text, userName: text, ...role, eTag },
  Application: { ...client, isPublic: flag, redirectUris: { type: 'array', items: text }, eTag },
  ApiClient: { ...client, eTag },
  Invitation: {
    ...{ id: text, email: text, userName: orNull, roles: { type: 'array', items: record(role) }, invitedBy: orNull },
    ...{ createdDateTime: instant, expirationDateTime: instant },
    ...{ acceptedDateTime: instantOrNull, withdrawnDateTime: instantOrNull },
    eTag,
  },
  Consent: {
    ...{ id: text, userName: orNull, clientId: text, scope: text },
    ...{ grantedDateTime: instant, withdrawnDateTime: instantOrNull },
    eTag,
  },
  AssignableUser: { name: text, email: text },
} as const;

function bodySchema(forms: MemberForms): Record<string, unknown> {
  const names = Object.keys(forms);
  const required = names.filter((name) => forms[name]?.isRequired === true);
  const properties = Object.fromEntries(Object.entries(forms).map(([name, member]) => [name, memberSchema(member)]));
  return { type: 'object', additionalProperties: false, ...(required.length > 0 ? { required } : {}), properties };
}

function memberSchema({ form, most }: MemberForm): Record<string, unknown> {
  const single =
    typeof form === 'object' ? bodySchema(form) : form === 'flag' ? flag : { ...text, ...textForms[form].schema };
  return most === undefined ? single : { type: 'array', maxItems: most, items: single };
}

/** The components of the OpenAPI document, by name. */
export const directorySchemas: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(directoryBodies).map(([name, forms]) => [name, bodySchema(forms)])),
  ...Object.fromEntries(Object.entries(entries).map(([name, properties]) => [name, record(properties)])),
  ...Object.fromEntries(
    Object.keys(entries).map((name) => [
      `${name}List`,
      record({
        '@odata.count': { type: 'integer', description: 'All that there are, not those of this answer.' },
        value: { type: 'array', items: { $ref: `#/components/schemas/${name}` } },
      }),
    ]),
  ),
  NewSecret: record({ ...secret, secret: { ...text, description: 'It is shown this once.' } }),
  NewInvitation: record({
    ...entries.Invitation,
    link: { ...text, format: 'uri', description: 'What the invited opens; it is shown this once.' },
  }),
};
