import {
  type Annotation,
  type AnnotationValue,
  answeredFunctions,
  type EntityModel,
  type PropertyModel,
  pathsOf,
  recordOf,
} from '@cosell/odata';
import type { QueryOptionName } from './query-options.ts';
import type { Route } from './route.ts';

/** What a server can do, asked of its routes. */
export interface Offer {
  readonly model: EntityModel;
  readonly areExtensionsOn: boolean;
  /** Whether the list takes a query option. */
  takes(option: string): boolean;
  /** Whether a method is answered at a path, by its template. */
  answers(method: Route['method'], path: string): boolean;
}

/** A capability: the term, and what is true of it; undefined where the term then says nothing. */
interface Capability {
  readonly of: 'set' | 'container';
  readonly term: string;
  readonly value: (offer: Offer) => AnnotationValue | undefined;
}

const collection = '/v1.0/engagements/referrals';
const one = `${collection}/{id}`;

/** Options that are documented; the others are extensions (decision 22). */
const documentedOptions: ReadonlySet<string> = new Set<QueryOptionName>([
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$count',
  '$select',
  '$skiptoken',
]);

/**
 * What `$metadata` says of the service in the terms of the vocabularies Core, Capabilities and Aggregation. Whatever can be
 * derived from routes and extensions is; `test/feature/capabilities.test.ts` tries every row, so a feature that comes or
 * goes changes its row here or is derived by it.
 */
export const capabilities: readonly Capability[] = [
  {
    of: 'set',
    term: 'Capabilities.FilterRestrictions',
    value: (offer) =>
      recordOf({
        Filterable: offer.takes('$filter'),
        RequiresFilter: false,
        NonFilterableProperties: pathsOf(pathsWithout(offer.model, ({ isFilterable }) => isFilterable === true, true)),
      }),
  },
  {
    of: 'set',
    term: 'Capabilities.SortRestrictions',
    value: (offer) =>
      recordOf({
        Sortable: offer.takes('$orderby'),
        NonSortableProperties: pathsOf(pathsWithout(offer.model, ({ isSortable }) => isSortable === true, false)),
      }),
  },
  { of: 'set', term: 'Capabilities.TopSupported', value: (offer) => offer.takes('$top') },
  { of: 'set', term: 'Capabilities.SkipSupported', value: (offer) => offer.takes('$skip') },
  {
    of: 'set',
    term: 'Capabilities.CountRestrictions',
    value: (offer) => recordOf({ Countable: offer.takes('$count') }),
  },
  {
    of: 'set',
    term: 'Capabilities.SearchRestrictions',
    value: (offer) => recordOf({ Searchable: offer.takes('$search') }),
  },
  {
    of: 'set',
    term: 'Capabilities.SelectSupport',
    value: (offer) => recordOf({ Supported: offer.takes('$select'), Filterable: false, Expandable: false }),
  },
  {
    of: 'set',
    term: 'Capabilities.ExpandRestrictions',
    value: (offer) => recordOf({ Expandable: offer.takes('$expand') }),
  },
  { of: 'set', term: 'Capabilities.ComputeSupported', value: (offer) => offer.takes('$compute') },
  { of: 'set', term: 'Capabilities.IndexableByKey', value: (offer) => offer.answers('GET', one) },
  {
    of: 'set',
    term: 'Capabilities.ReadRestrictions',
    value: (offer) => recordOf({ Readable: offer.answers('GET', collection) }),
  },
  {
    of: 'set',
    term: 'Capabilities.InsertRestrictions',
    value: (offer) => recordOf({ Insertable: offer.answers('POST', collection) }),
  },
  {
    of: 'set',
    term: 'Capabilities.UpdateRestrictions',
    value: (offer) =>
      recordOf({
        Updatable: offer.answers('PUT', one),
        Upsertable: false,
        // PATCH is none of OData's here: its body is a list of operations.
        UpdateMethod: { kind: 'members', type: 'Capabilities.HttpMethod', names: ['PUT'] },
        Description:
          'PUT needs If-Match and leaves members alone that are not sent. PATCH takes a JSON Patch (RFC 6902).',
      }),
  },
  {
    of: 'set',
    term: 'Capabilities.DeleteRestrictions',
    value: (offer) => recordOf({ Deletable: offer.answers('DELETE', one) }),
  },
  {
    of: 'set',
    term: 'Capabilities.ChangeTracking',
    value: (offer) => recordOf({ Supported: offer.takes('$deltatoken') }),
  },
  {
    of: 'set',
    term: 'Aggregation.ApplySupported',
    value: (offer) =>
      offer.takes('$apply')
        ? recordOf({ Transformations: ['filter', 'search', 'identity', 'compute', 'groupby', 'aggregate'] })
        : undefined,
  },
  { of: 'container', term: 'Core.ODataVersions', value: () => '4.0' },
  {
    of: 'container',
    term: 'Capabilities.SupportedFormats',
    value: ({ areExtensionsOn }) => [
      'application/json',
      ...(areExtensionsOn
        ? [
            ...['minimal', 'none', 'full'].map((level) => `application/json;odata.metadata=${level}`),
            'application/json;IEEE754Compatible=true',
          ]
        : []),
    ],
  },
  {
    of: 'container',
    term: 'Capabilities.SupportedMetadataFormats',
    value: () => ['application/xml', 'application/json'],
  },
  // Of bodies that are sent; answers are compressed all the same.
  { of: 'container', term: 'Capabilities.AcceptableEncodings', value: () => [] },
  { of: 'container', term: 'Capabilities.FilterFunctions', value: () => answeredFunctions },
  { of: 'container', term: 'Capabilities.KeyAsSegmentSupported', value: (offer) => offer.answers('GET', one) },
  {
    of: 'container',
    term: 'Capabilities.QuerySegmentSupported',
    value: (offer) => offer.answers('POST', `${collection}/$query`),
  },
  { of: 'container', term: 'Capabilities.CrossJoinSupported', value: () => false },
  { of: 'container', term: 'Capabilities.AsynchronousRequestsSupported', value: () => false },
  {
    of: 'container',
    term: 'Capabilities.BatchSupported',
    value: (offer) => offer.answers('POST', '/v1.0/engagements/$batch'),
  },
  {
    of: 'container',
    term: 'Capabilities.BatchSupport',
    value: (offer) =>
      offer.answers('POST', '/v1.0/engagements/$batch')
        ? recordOf({
            Supported: true,
            SupportedFormats: ['application/json'],
            ContinueOnErrorSupported: true,
            ReferencesInRequestBodiesSupported: true,
            EtagReferencesSupported: true,
            RequestDependencyConditionsSupported: true,
          })
        : recordOf({ Supported: false }),
  },
];

/** A model that says what the service can do with it. */
export function withCapabilities(model: EntityModel, routes: readonly Route[], areExtensionsOn: boolean): EntityModel {
  const served = routes.filter(({ isExtension }) => isExtension === undefined || areExtensionsOn);
  const answers: Offer['answers'] = (method, path) =>
    served.some((route) => route.method === method && route.paths.includes(path));
  const options = served.find((route) => route.method === 'GET' && route.paths.includes(collection))?.options ?? [];
  const takes = (option: string) =>
    options.some((known) => known === option) && (areExtensionsOn || documentedOptions.has(option));
  const offer: Offer = { model, areExtensionsOn, takes, answers };
  const said = (of: Capability['of']): Annotation[] =>
    capabilities
      .filter((capability) => capability.of === of)
      .flatMap((capability) => {
        const value = capability.value(offer);
        return value === undefined ? [] : [{ term: capability.term, value }];
      });
  return {
    ...model,
    annotations: said('container'),
    entitySets: model.entitySets.map((set) => ({ ...set, annotations: said('set') })),
  };
}

/**
 * The paths of the properties of an entity that do not allow something. Of an object whose members are all without it,
 * the object stands for them; lists are looked into only where they may stand in a path.
 */
function pathsWithout(
  model: EntityModel,
  isAllowed: (property: PropertyModel) => boolean,
  areListsPaths: boolean,
): readonly string[] {
  const types = new Map([...model.entityTypes, ...model.complexTypes].map((type) => [type.name, type]));
  const look = (typeName: string, before: string): readonly { readonly path: string; readonly isAllowed: boolean }[] =>
    (types.get(typeName)?.properties ?? []).flatMap((property) => {
      const path = `${before}${property.name}`;
      const isList = property.isCollection;
      if (!types.has(property.type) || (isList && !(areListsPaths && isAllowed(property)))) {
        return [{ path, isAllowed: isAllowed(property) && !(isList && !areListsPaths) }];
      }
      const within = look(property.type, `${path}/`);
      return within.some((found) => found.isAllowed) ? within : [{ path, isAllowed: false }];
    });
  return model.entityTypes.flatMap(({ name }) =>
    look(name, '')
      .filter((found) => !found.isAllowed)
      .map(({ path }) => path),
  );
}
