// The first review with the generated types: sign in, make a production with a shot, publish a picture, list the board.
//
//   make sdk
//   node build/sdk/typescript/dist/first_review.js http://127.0.0.1:8000/api admin@example.com
//
// The password comes from KITSU_PASSWORD. Every value has its type: `tsc --strict` reads this file.

import { deflateSync, crc32 } from "node:zlib";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];

/** The answer itself; a refusal ends the script. */
function held<T>({ data, error }: { data?: T; error?: { message?: string } | undefined }): T {
  if (data === undefined) throw new Error(error?.message ?? "There was no answer.");
  return data;
}

/** A PNG of 64 x 36 blue pixels. */
function picture(): Blob {
  const chunk = (kind: string, data: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(kind), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, checksum]);
  };
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(64 * 3, Buffer.of(0x20, 0x40, 0x80))]);
  const size = Buffer.of(0, 0, 0, 64, 0, 0, 0, 36, 8, 2, 0, 0, 0);
  const pixels = deflateSync(Buffer.concat(Array<Buffer>(36).fill(row)));
  const begin = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const parts = [begin, chunk("IHDR", size), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))];
  return new Blob([new Uint8Array(Buffer.concat(parts))], { type: "image/png" });
}

const [baseUrl, email, name = "The Lighthouse"] = process.argv.slice(2);
if (baseUrl === undefined || email === undefined) throw new Error("Say where the API is, and who signs in.");
const client = createClient<paths>({ baseUrl });

const credentials = { email, password: process.env["KITSU_PASSWORD"] ?? "" };
const { access_token } = held(await client.POST("/auth/login", { body: credentials }));
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${access_token}`);
  },
});

const production: Schemas["ProjectRead"] = held(await client.POST("/data/projects", { body: { name } }));
const ofProduction = { params: { path: { project_id: production.id } } };

const taskType = held(await client.POST("/data/task-types", { body: { name: `Animation of ${name}` } }));
const sequence = held(
  await client.POST("/data/projects/{project_id}/sequences", { ...ofProduction, body: { name: "SQ010" } }),
);
const shot = held(
  await client.POST("/data/projects/{project_id}/shots", {
    ...ofProduction,
    body: { name: "SH0010", sequence_id: sequence.id },
  }),
);
const task = held(
  await client.POST("/data/tasks", {
    body: { name: "main", project_id: production.id, entity_id: shot.id, task_type_id: taskType.id },
  }),
);

const statuses = held(await client.GET("/data/task-status", { params: { query: { is_default: [true] } } }));
const [status] = Array.isArray(statuses) ? statuses : statuses.data;
if (status === undefined) throw new Error("No status is the default one.");
const comment = held(
  await client.POST("/actions/tasks/{task_id}/comment", {
    params: { path: { task_id: task.id } },
    body: { task_status_id: status.id, comment: "Blue, as we said." },
  }),
);
const waiting = held(
  await client.POST("/actions/tasks/{task_id}/comments/{comment_id}/add-preview", {
    params: { path: { task_id: task.id, comment_id: comment.id } },
    body: {},
  }),
);
const form = new FormData();
form.append("file", picture(), "sh0010.png");
const preview = held(
  await client.POST("/pictures/preview-files/{preview_file_id}", {
    params: { path: { preview_file_id: waiting.id } },
    body: { file: "sh0010.png" },
    bodySerializer: () => form,
  }),
);

console.log(`${production.name}: preview ${preview.status}, ${preview.width} x ${preview.height}`);
const board = held(
  await client.GET("/data/shots/with-tasks", { params: { query: { project_id: production.id } } }),
);
if (!Array.isArray(board)) throw new Error("The board was not a list.");
for (const row of board) console.log(`  ${row.sequence_name} ${row.name}: ${row.tasks.length} task`);
