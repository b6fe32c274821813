"""The same few things in the engines that are not Chromium: stock Firefox and WebKitGTK."""
