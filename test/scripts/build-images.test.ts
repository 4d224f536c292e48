import { expect, test } from "vitest";
import { builderArguments } from "../../scripts/build-images.ts";

const image = { uri: "registry/name:tag", folder: "/assembly/asset", buildArgs: { BASE: "node:24-bookworm" } };

test("an image is built under the name of the templates, from its folder, with its own base", () => {
  expect(builderArguments({ ...image, platform: "linux/amd64" })).toEqual([
    ...["--tag", "registry/name:tag", "--platform", "linux/amd64", "--build-arg", "BASE=node:24-bookworm"],
    "/assembly/asset",
  ]);
});

test("a base that is given replaces the image's own", () => {
  expect(builderArguments(image, "local/node:24")).toEqual([
    ...["--tag", "registry/name:tag", "--build-arg", "BASE=local/node:24"],
    "/assembly/asset",
  ]);
});
