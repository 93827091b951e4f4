import protobuf from 'protobufjs';
import descriptor, { type IFileDescriptorSet } from 'protobufjs/ext/descriptor.js';

/** The types of a google.protobuf.FileDescriptorSet, as `loadProtoFiles` makes them of the files behind it. */
export function loadDescriptors(descriptors: Uint8Array): protobuf.Root {
  const set = descriptor.FileDescriptorSet.decode(descriptors) as unknown as IFileDescriptorSet;
  const root = protobuf.Root.fromDescriptor(set, { keepCase: false });
  root.resolveAll();
  return root;
}
