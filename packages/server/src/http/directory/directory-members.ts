import { guidPattern, roles } from '@cosell/model';
import { parseInstant } from '@cosell/odata';
import { mostInvitedRoles } from '../../domain/directory/invitations.ts';
import { isLocationId } from '../../domain/directory/locations.ts';
import { isEmail, isName, longestName } from '../../domain/directory/named-entries.ts';
import { mostRedirectUris, redirectUriFault } from '../../domain/directory/redirect-uri.ts';

/** What a text in a body of the directory has to be, and how OpenAPI says so. */
interface TextForm {
  /** What is wrong with a text; undefined where nothing is. */
  readonly fault: (text: string) => string | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
}

const mustBe = (isRight: (text: string) => boolean, message: string) => (text: string) =>
  isRight(text) ? undefined : message;

/** The forms of texts. */
export const textForms = {
  name: {
    fault: mustBe(isName, `Write a name: one line of at most ${longestName} letters, without space at its ends.`),
    schema: { minLength: 1, maxLength: longestName },
  },
  email: {
    fault: mustBe(isEmail, 'Write an e-mail address, such as jane@contoso.com.'),
    schema: { format: 'email', maxLength: longestName },
  },
  locationId: {
    fault: mustBe(isLocationId, 'Write the number of a location as text, such as "5512345".'),
    schema: { pattern: '^\\d{1,20}$' },
  },
  organizationId: {
    fault: mustBe((text) => /^msft$/i.test(text) || guidPattern.test(text), 'Write a GUID, or msft.'),
    schema: {},
  },
  key: { fault: mustBe(isName, 'Write an id on one line.'), schema: { minLength: 1, maxLength: longestName } },
  role: {
    fault: mustBe((text) => Object.hasOwn(roles, text), `Write one of ${Object.keys(roles).join(', ')}.`),
    schema: { enum: Object.keys(roles) },
  },
  redirectUri: {
    fault: (text: string) => {
      const fault = redirectUriFault(text);
      return fault === undefined ? undefined : `${fault[0]?.toUpperCase()}${fault.slice(1)}.`;
    },
    schema: { format: 'uri' },
  },
  instant: {
    fault: mustBe((text) => parseInstant(text) !== undefined, 'Write a date such as 2027-03-05T00:00:00Z.'),
    schema: { format: 'date-time' },
  },
} as const satisfies Record<string, TextForm>;

/** A member that a body may have. */
export interface MemberForm {
  readonly form: keyof typeof textForms | 'flag' | MemberForms;
  readonly isRequired?: boolean;
  /** Items that it has at most, where it is a list. */
  readonly most?: number;
}

/** The members of an object. */
export interface MemberForms {
  readonly [name: string]: MemberForm;
}

const [name, flag] = [{ form: 'name' }, { form: 'flag' }] as const;
const required = <Form extends MemberForm>(member: Form) => ({ ...member, isRequired: true }) as const;
const redirectUris = { form: 'redirectUri', most: mostRedirectUris } as const;
const role = { role: required({ form: 'role' }), mpnId: { form: 'locationId' } } as const;

/** What each request of the directory takes as its body. */
export const directoryBodies = {
  OrganizationCreate: { id: required({ form: 'organizationId' }), name: required(name), tenantId: { form: 'key' } },
  OrganizationPatch: { name, isActive: flag },
  LocationCreate: { mpnId: required({ form: 'locationId' }), name: required(name) },
  LocationPatch: { name, isActive: flag },
  UserCreate: {
    name: required(name),
    email: required({ form: 'email' }),
    tenantId: { form: 'key' },
    subject: { form: 'key' },
  },
  UserPatch: { email: { form: 'email' }, isActive: flag },
  RoleAssignmentCreate: { userName: required(name), ...role },
  ApplicationCreate: { name: required(name), redirectUris, isPublic: flag },
  ApplicationPatch: { name, redirectUris, isPublic: flag, isActive: flag },
  ApiClientCreate: { name: required(name) },
  ApiClientPatch: { name, isActive: flag },
  SecretCreate: { expirationDateTime: { form: 'instant' } },
  InvitationCreate: {
    email: required({ form: 'email' }),
    userName: name,
    roles: { form: role, most: mostInvitedRoles },
  },
} as const satisfies Record<string, MemberForms>;

/** The name of a body. */
export type DirectoryBody = keyof typeof directoryBodies;

/** The value of a member, as it was read. */
type Value<Member extends MemberForm> = Member extends { readonly most: number }
  ? readonly Single<Member['form']>[]
  : Single<Member['form']>;

type Single<Form> = Form extends 'flag'
  ? boolean
  : Form extends string
    ? string
    : Form extends MemberForms
      ? Given<Form>
      : never;

/** The members that a body gave. */
export type Given<Forms extends MemberForms> = {
  readonly [Name in keyof Forms as Forms[Name] extends { readonly isRequired: true } ? Name : never]: Value<
    Forms[Name]
  >;
} & {
  readonly [Name in keyof Forms as Forms[Name] extends { readonly isRequired: true } ? never : Name]?: Value<
    Forms[Name]
  >;
};
