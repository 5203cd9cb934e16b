"""Carrying records in and out as files: imports of contacts, exports of what a workspace keeps."""
