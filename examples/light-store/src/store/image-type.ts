/** What the first bytes of each kind of image look like, as latin1 text. */
const LOOKS_LIKE = {
  'image/png': (head) => head.startsWith('\u0089PNG\r\n\u001a\n'),
  'image/jpeg': (head) => head.startsWith('\u00ff\u00d8\u00ff'),
  'image/gif': (head) => head.startsWith('GIF87a') || head.startsWith('GIF89a'),
  'image/webp': (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8),
} as const satisfies Record<string, (head: string) => boolean>;

/** A media type that the shop takes for pictures. */
export type ImageType = keyof typeof LOOKS_LIKE;

/** So many bytes from the start of a file tell what it is. */
export const IMAGE_HEAD_BYTES = 12;

export const IMAGE_TYPES = Object.keys(LOOKS_LIKE) as readonly ImageType[];

/** The type that the bytes themselves show, whatever somebody says they are; undefined when they are no image. */
export function imageTypeOf(head: Uint8Array): ImageType | undefined {
  const text = Buffer.from(head.subarray(0, IMAGE_HEAD_BYTES)).toString('latin1');
  return IMAGE_TYPES.find((type) => LOOKS_LIKE[type](text));
}
