// .proto files that are not the platform's own. Apart from the package's main entry, because the library behind it is
// only loaded where somebody has such files.
export { describeRoot } from './describe-root.ts';
export { type DescribedFiles, indexDescriptors } from './described-files.ts';
export { loadDescriptors } from './load-descriptors.ts';
export { loadProtoFiles } from './load-proto-files.ts';
export { type MessageCodec, messageCodec } from './message-codec.ts';
export { findMethod, findService, type ProtoMethod, servicesOf } from './find-method.ts';
