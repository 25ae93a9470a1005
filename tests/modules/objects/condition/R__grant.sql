%{ if reader != null ~}
GRANT SELECT ON trips TO "${reader}";
%{ endif ~}
