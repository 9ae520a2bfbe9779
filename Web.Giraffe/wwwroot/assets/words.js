// What went wrong, in words that say what to do. What the server says to people is said as it is.

export const words = {
  empty: { title: "Empty file", detail: "The file is empty. Choose another one." },
  // `made` is whether this browser can draw it.
  tooLarge: (limit, made, shrinks) => ({
    title: "The file is too large",
    detail: "Up to " + limit + " is taken" + (!made
      ? ", and this browser can't open it to make it smaller. Save it smaller, or as a JPEG, then try again."
      : shrinks
        ? ", and made smaller it has more. Cut out the part that matters, then try again."
        : ". Switch on “Shrink large photographs”, then try again."),
  }),
  unreadable: {
    title: "The file can't be read",
    detail: "It was moved or changed since it was chosen, or it is a folder. Choose it again, or the pictures in it.",
  },
  noPicture: { title: "No picture chosen", detail: "Choose a picture first." },
  offline: { title: "You are offline", detail: "The picture is sent as soon as there is a network again." },
  unreachable: { title: "No connection", detail: "The server can't be reached. Look whether it runs, then try again." },
  sample: { title: "No connection", detail: "The sample can't be fetched. Try again." },
  noClipboard: "This browser does not let the page copy. Select the text and copy it yourself.",
};

const plain = {
  401: {
    title: "A key is needed",
    detail: "You are not signed in any more. Load this page again, then sign in with the key.",
  },
  403: {
    title: "Not allowed",
    detail: "The server does not let this page ask. Load it again, or ask whoever runs the server.",
  },
  413: { title: "The file is too large", detail: "The server takes no picture of that size. Make it smaller, then try again." },
  429: { title: "Too many pictures at once", detail: "Too many requests. Try again in a moment." },
  503: { title: "Too busy", detail: "The server has too much to do. Try again in a moment." },
  504: { title: "No answer in time", detail: "No worker answered in time. Try again; a smaller picture may help." },
};

// What the server says of these is for programs: of headers and settings.
const forPrograms = [401, 429];

export const refused = ({ status, said }) => said?.title && said?.detail && !forPrograms.includes(status)
  ? { title: said.title, detail: said.detail }
  : plain[status === 502 ? 504 : status] ?? {
    title: "It did not work",
    detail: "Something else than this service answered (" + status + "). Load this page again, then try again.",
  };

// Whether asking again may help, and nobody has to do anything for it.
export const passes = (status) => status === 429 || status === 503;
