"use strict";

const family = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

Redoc.init(
  window.documentAddress,
  {
    hideLoading: true,
    // the search index is built by a worker from a blob, and takes seconds on a document of this size
    disableSearch: true,
    nativeScrollbars: true,
    sortTagsAlphabetically: true,
    theme: { typography: { fontFamily: family, headings: { fontFamily: family } } },
  },
  document.getElementById("page"),
);
