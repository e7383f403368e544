"""US postal addresses: sufficient or not, and in canonical form, in the terms of USPS Publication 28."""
