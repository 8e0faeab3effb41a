import type { EntityModel, EnumerationType, PropertyModel, StructuredType } from './entity-model.ts';
import { foldName } from './fold-name.ts';

/** The types of a model by their names. */
export interface ModelIndex {
  readonly types: ReadonlyMap<string, StructuredType>;
  readonly enumerations: ReadonlyMap<string, EnumerationType>;
}

/** A model is plain data and lives as long as its service, so what is found in it is found once. */
const indexes = new WeakMap<EntityModel, ModelIndex>();
const members = new WeakMap<StructuredType, ReadonlyMap<string, PropertyModel>>();

/** The index of a model. */
export function indexOf(model: EntityModel): ModelIndex {
  const known = indexes.get(model);
  if (known !== undefined) return known;
  const index = {
    types: new Map([...model.entityTypes, ...model.complexTypes].map((type) => [type.name, type])),
    enumerations: new Map(model.enumerations.map((type) => [type.name, type])),
  };
  indexes.set(model, index);
  return index;
}

/** The property of a type that a name stands for, in any case. */
export function memberNamed(type: StructuredType, name: string): PropertyModel | undefined {
  let byName = members.get(type);
  if (byName === undefined) {
    byName = new Map(type.properties.map((property) => [foldName(property.name), property]));
    members.set(type, byName);
  }
  return byName.get(foldName(name));
}
