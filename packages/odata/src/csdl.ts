import { vocabularies, vocabulariesOf } from './annotation.ts';
import { annotationsJson, annotationsXml, xml } from './csdl-annotations.ts';
import type { EntityModel, PropertyModel, StructuredType } from './entity-model.ts';

/**
 * Writes an entity model as CSDL XML 4.0 (OData CSDL XML 4.01, sections 3 to 15), the form that every client of
 * `$metadata` understands.
 */
export function csdl(model: EntityModel): string {
  const body = [
    ...model.enumerations.flatMap((type) => [
      `<EnumType Name="${xml(type.name)}">`,
      ...type.members.map((member, value) => `  <Member Name="${xml(member)}" Value="${value}"/>`),
      '</EnumType>',
    ]),
    ...model.complexTypes.flatMap((type) => structuredXml(model, 'ComplexType', type)),
    ...model.entityTypes.flatMap((type) => structuredXml(model, 'EntityType', type)),
    `<EntityContainer Name="${xml(model.container)}">`,
    ...model.entitySets.flatMap((set) => {
      const open = `  <EntitySet Name="${xml(set.name)}" EntityType="${qualified(model, set.type)}"`;
      const notes = annotationsXml(set.annotations).map((line) => `    ${line}`);
      return notes.length === 0 ? [`${open}/>`] : [`${open}>`, ...notes, '  </EntitySet>'];
    }),
    ...annotationsXml(model.annotations).map((line) => `  ${line}`),
    '</EntityContainer>',
  ];
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">',
    ...referencesOf(model).flatMap(({ alias, namespace, folder }) => [
      `  <edmx:Reference Uri="${folder}${namespace}.xml">`,
      `    <edmx:Include Namespace="${namespace}" Alias="${alias}"/>`,
      '  </edmx:Reference>',
    ]),
    '  <edmx:DataServices>',
    `    <Schema Namespace="${xml(model.namespace)}" xmlns="http://docs.oasis-open.org/odata/ns/edm">`,
    ...body.map((line) => `      ${line}`),
    '    </Schema>',
    '  </edmx:DataServices>',
    '</edmx:Edmx>',
    '',
  ].join('\n');
}

function structuredXml(model: EntityModel, element: 'ComplexType' | 'EntityType', type: StructuredType): string[] {
  return [
    `<${element} Name="${xml(type.name)}"${type.isOpen === true ? ' OpenType="true"' : ''}>`,
    ...(type.key === undefined ? [] : ['  <Key>', `    <PropertyRef Name="${xml(type.key)}"/>`, '  </Key>']),
    ...type.properties.flatMap((property) => propertyXml(model, property)),
    `</${element}>`,
  ];
}

function propertyXml(model: EntityModel, property: PropertyModel): string[] {
  const type = qualified(model, property.type);
  const open = [
    `  <Property Name="${xml(property.name)}" Type="${property.isCollection ? `Collection(${type})` : type}"`,
    property.isNullable ? '' : ' Nullable="false"',
    property.precision === undefined ? '' : ` Precision="${property.precision}"`,
    property.scale === undefined ? '' : ` Scale="${property.scale}"`,
  ].join('');
  const notes = [
    ...(property.description === undefined
      ? []
      : [`    <Annotation Term="Core.Description" String="${xml(property.description)}"/>`]),
    ...(property.isComputed === true ? ['    <Annotation Term="Core.Computed" Bool="true"/>'] : []),
  ];
  return notes.length === 0 ? [`${open}/>`] : [`${open}>`, ...notes, '  </Property>'];
}

/** Writes an entity model as CSDL JSON (OData CSDL JSON 4.01). The answer is a plain object for `JSON.stringify`. */
export function csdlJson(model: EntityModel): Record<string, unknown> {
  const schema: Record<string, unknown> = {};
  for (const type of model.enumerations) {
    schema[type.name] = {
      $Kind: 'EnumType',
      ...Object.fromEntries(type.members.map((member, value) => [member, value])),
    };
  }
  for (const type of model.complexTypes) schema[type.name] = structuredJson(model, 'ComplexType', type);
  for (const type of model.entityTypes) schema[type.name] = structuredJson(model, 'EntityType', type);
  schema[model.container] = {
    $Kind: 'EntityContainer',
    ...Object.fromEntries(
      model.entitySets.map((set) => [
        set.name,
        { $Collection: true, $Type: qualified(model, set.type), ...annotationsJson(set.annotations) },
      ]),
    ),
    ...annotationsJson(model.annotations),
  };
  return {
    $Version: '4.0',
    $EntityContainer: `${model.namespace}.${model.container}`,
    $Reference: Object.fromEntries(
      referencesOf(model).map(({ alias, namespace, folder }) => [
        `${folder}${namespace}.json`,
        { $Include: [{ $Namespace: namespace, $Alias: alias }] },
      ]),
    ),
    [model.namespace]: schema,
  };
}

function structuredJson(model: EntityModel, kind: string, type: StructuredType): Record<string, unknown> {
  return {
    $Kind: kind,
    ...(type.isOpen === true ? { $OpenType: true } : {}),
    ...(type.key === undefined ? {} : { $Key: [type.key] }),
    ...Object.fromEntries(type.properties.map((property) => [property.name, propertyJson(model, property)])),
  };
}

function propertyJson(model: EntityModel, property: PropertyModel): Record<string, unknown> {
  return {
    // Edm.String is the default type of CSDL JSON and is left out.
    ...(property.type === 'Edm.String' ? {} : { $Type: qualified(model, property.type) }),
    ...(property.isCollection ? { $Collection: true } : {}),
    ...(property.isNullable ? { $Nullable: true } : {}),
    ...(property.precision === undefined ? {} : { $Precision: property.precision }),
    ...(property.scale === undefined ? {} : { $Scale: property.scale }),
    ...(property.description === undefined ? {} : { '@Core.Description': property.description }),
    ...(property.isComputed === true ? { '@Core.Computed': true } : {}),
  };
}

function qualified(model: EntityModel, type: string): string {
  return type.startsWith('Edm.') ? type : `${model.namespace}.${type}`;
}

/** The vocabularies that the annotations of a model are written in. */
function referencesOf({ annotations = [], entitySets }: EntityModel) {
  const all = [...annotations, ...entitySets.flatMap((set) => set.annotations ?? [])];
  return vocabulariesOf(all).map((alias) => ({ alias, ...vocabularies[alias] }));
}
