// Adds pictures that are fetched: the samples, and images by their address.

import { base } from "../common.js";
import { errorOf, messages } from "./messages.js";

// The form is missing if the server does not fetch pictures.
const byAddress = document.getElementById("by-address");

const parseDataUrl = (address) => {
  const [, type, data] = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(address) ?? [];
  return type ? new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type }) : null;
};

// Returns a function that adds the image of an address, and whether it fetches from other sites. `onFetched` is called after
// the form of an address was used.
export const registerRemote = ({ addPictures, showError, onFetched }) => {
  // The page's Content-Security-Policy allows no other site.
  const fetchThroughServer = async (address) => {
    const response = await fetch(base + "/fetch", { method: "POST", body: new URLSearchParams({ address }) }).catch(() => null);
    if (response?.ok) return response.blob();
    showError(response ? errorOf({ status: response.status, body: await response.json().catch(() => null) }) : messages.unreachable);
    return null;
  };

  // Resolves with whether the image was added.
  const fetchImage = async (address) => {
    try {
      const inline = parseDataUrl(address ?? "");
      const url = inline || !URL.canParse(address) ? null : new URL(address);
      const isSameOrigin = url?.origin === location.origin;
      if (!inline && !isSameOrigin && !byAddress) throw new TypeError("another site");
      const picture = inline ?? (isSameOrigin ? await (await fetch(url)).blob() : await fetchThroughServer(address));
      if (!picture) return false;
      if (!picture.type.startsWith("image/")) throw new TypeError("no image");
      addPictures([{ name: url?.pathname.split("/").at(-1) || messages.dragged, picture }]);
      return true;
    } catch {
      showError(messages.noImage);
      return false;
    }
  };

  byAddress?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!await fetchImage(byAddress.elements.address.value)) return;
    byAddress.reset();
    onFetched();
  });

  document.getElementById("samples")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { value } = event.submitter;
    try {
      const address = base + "/samples/" + encodeURIComponent(value);
      const response = await fetch(address);
      if (!response.ok) throw new TypeError(String(response.status));
      addPictures([{ name: value, picture: await response.blob(), address }]);
    } catch {
      showError(messages.sample);
    }
  });

  return { fetchImage, canFetch: byAddress !== null };
};
