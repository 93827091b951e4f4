import protobuf from 'protobufjs';

/** Fields and map fields are two kinds in the library's types. */
type AnyField = protobuf.Field | protobuf.MapField;

const SCALAR_TYPES: Readonly<Record<string, string>> = {
  double: 'TYPE_DOUBLE',
  float: 'TYPE_FLOAT',
  int64: 'TYPE_INT64',
  uint64: 'TYPE_UINT64',
  int32: 'TYPE_INT32',
  fixed64: 'TYPE_FIXED64',
  fixed32: 'TYPE_FIXED32',
  bool: 'TYPE_BOOL',
  string: 'TYPE_STRING',
  bytes: 'TYPE_BYTES',
  uint32: 'TYPE_UINT32',
  sfixed32: 'TYPE_SFIXED32',
  sfixed64: 'TYPE_SFIXED64',
  sint32: 'TYPE_SINT32',
  sint64: 'TYPE_SINT64',
};

/** A DescriptorProto as plain data. */
export function describeMessage(type: protobuf.Type): object {
  const fields = type.fieldsArray;
  // Those of `optional` fields come last, as protoc has them.
  const oneofs = type.oneofsArray.toSorted((a, b) => Number(isSynthetic(a)) - Number(isSynthetic(b)));
  const nested = type.nestedArray;
  return {
    name: type.name,
    field: fields.map((field) => describeField(field, oneofs)),
    nestedType: [
      ...fields.filter((field) => field instanceof protobuf.MapField).map(describeMapEntry),
      ...nested.filter((object) => object instanceof protobuf.Type).map(describeMessage),
    ],
    enumType: nested.filter((object) => object instanceof protobuf.Enum).map(describeEnum),
    extension: nested.filter((object) => object instanceof protobuf.Field).map(describeExtension),
    oneofDecl: oneofs.map(({ name }) => ({ name })),
    extensionRange: (type.extensions ?? []).map(([start = 0, end = 0]) => ({ start, end: end + 1 })),
    ...reservedOf(type.reserved ?? []),
    ...deprecation(type),
  };
}

/** An EnumDescriptorProto as plain data. */
export function describeEnum(type: protobuf.Enum): object {
  return {
    name: type.name,
    value: Object.entries(type.values).map(([name, number]) => ({ name, number })),
    ...(type.options?.['allow_alias'] === true ? { options: { allowAlias: true } } : {}),
  };
}

/** A ServiceDescriptorProto as plain data. */
export function describeService(service: protobuf.Service): object {
  const method = service.methodsArray.map((each) => {
    const level: unknown = each.options?.['idempotency_level'];
    const options = {
      ...(each.options?.['deprecated'] === true ? { deprecated: true } : {}),
      ...(typeof level === 'string' ? { idempotencyLevel: level } : {}),
    };
    return {
      name: each.name,
      inputType: nameOf(each.resolvedRequestType),
      outputType: nameOf(each.resolvedResponseType),
      clientStreaming: each.requestStream === true,
      serverStreaming: each.responseStream === true,
      ...(Object.keys(options).length > 0 ? { options } : {}),
    };
  });
  return { name: service.name, method, ...deprecation(service) };
}

/** A field that extends another message. */
export function describeExtension(field: protobuf.Field): object {
  return { ...describeField(field, []), extendee: nameOf(field.extensionField?.parent ?? null) };
}

/** The messages and enums that an object names, itself not being one of them. */
export function referencesOf(object: protobuf.ReflectionObject): protobuf.ReflectionObject[] {
  if (object instanceof protobuf.Service) {
    return object.methodsArray.flatMap((each) => present([each.resolvedRequestType, each.resolvedResponseType]));
  }
  if (object instanceof protobuf.Field) {
    return present([object.resolvedType, object.extensionField?.parent ?? null]);
  }
  if (!(object instanceof protobuf.Type)) return [];
  return [...object.fieldsArray, ...object.nestedArray].flatMap(referencesOf);
}

function present<Value>(values: readonly (Value | null | undefined)[]): Value[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function describeField(field: AnyField, oneofs: readonly protobuf.OneOf[]): object {
  const isMap = field instanceof protobuf.MapField;
  const name = field.protoName ?? field.name;
  const { partOf, options } = field;
  const typed = isMap
    ? { type: 'TYPE_MESSAGE', typeName: `${nameOf(field.parent)}.${entryName(field)}` }
    : typeOf(field.type, field.resolvedType, isGroup(field));
  const fieldOptions = {
    ...(options?.['packed'] === undefined ? {} : { packed: options['packed'] === true }),
    ...(options?.['deprecated'] === true ? { deprecated: true } : {}),
  };
  return {
    name,
    number: field.id,
    jsonName: field.jsonName ?? field.name,
    label: labelOf(field),
    ...typed,
    ...(partOf ? { oneofIndex: oneofs.indexOf(partOf) } : {}),
    ...(partOf && isSynthetic(partOf) ? { proto3Optional: true } : {}),
    ...(options?.['default'] === undefined ? {} : { defaultValue: String(options['default']) }),
    ...(Object.keys(fieldOptions).length > 0 ? { options: fieldOptions } : {}),
  };
}

function labelOf(field: AnyField): string {
  if (field instanceof protobuf.MapField || field.repeated) return 'LABEL_REPEATED';
  return field.required ? 'LABEL_REQUIRED' : 'LABEL_OPTIONAL';
}

function isGroup(field: AnyField): boolean {
  return !(field instanceof protobuf.MapField) && field.delimited;
}

/** The message behind a map field: protoc calls it after the field. */
function describeMapEntry(field: protobuf.MapField): object {
  const member = { label: 'LABEL_OPTIONAL' };
  return {
    name: entryName(field),
    field: [
      { name: 'key', number: 1, jsonName: 'key', ...member, ...typeOf(field.keyType, null, false) },
      { name: 'value', number: 2, jsonName: 'value', ...member, ...typeOf(field.type, field.resolvedType, false) },
    ],
    options: { mapEntry: true },
  };
}

/** "item_counts" → "ItemCountsEntry" */
function entryName(field: protobuf.FieldBase): string {
  const words = (field.protoName ?? field.name).split('_');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Entry`;
}

function typeOf(type: string, resolved: protobuf.ReflectionObject | null, group: boolean): object {
  const scalar = SCALAR_TYPES[type];
  if (scalar !== undefined) return { type: scalar };
  const kind = resolved instanceof protobuf.Enum ? 'TYPE_ENUM' : group ? 'TYPE_GROUP' : 'TYPE_MESSAGE';
  return { type: kind, typeName: nameOf(resolved) };
}

/** ".shop.v1.Item" */
function nameOf(object: protobuf.ReflectionObject | null): string {
  return object?.fullName ?? '';
}

function isSynthetic(oneof: protobuf.OneOf): boolean {
  return oneof.isProto3Optional;
}

function reservedOf(reserved: readonly (number[] | string)[]): object {
  const reservedName = reserved.filter((each) => typeof each === 'string');
  const reservedRange = reserved
    .filter((each) => typeof each !== 'string')
    .map(([start = 0, end = 0]) => ({ start, end: end + 1 }));
  return { reservedName, reservedRange };
}

function deprecation({ options }: protobuf.ReflectionObject): object {
  return options?.['deprecated'] === true ? { options: { deprecated: true } } : {};
}
